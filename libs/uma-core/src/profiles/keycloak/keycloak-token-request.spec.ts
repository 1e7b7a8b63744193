import { describe, expect, it } from '@jest/globals';
import { parseForm } from '../../wire/form-parameters.ts';
import { KEYCLOAK_ID_TOKEN_FORMAT, readKeycloakTokenRequest } from './keycloak-token-request.ts';

const read = (form: string) => readKeycloakTokenRequest(parseForm(form));
const INVALID_REQUEST = expect.objectContaining({ error: 'invalid_request', status: 400 });
const INVALID_SCOPE = expect.objectContaining({ error: 'invalid_scope', status: 400 });

describe('A uma-ticket request in Keycloak’s dialect', () => {
  it('reads a ticket with everything that may go with it', () => {
    expect(read('ticket=t&rpt=r&claim_token=c&subject_token=s&scope=a+b&resource=https://rs.example&submit_request=false&response_mode=decision')).toEqual({
      ticket: 't',
      audience: undefined,
      claimToken: { token: 'c', format: KEYCLOAK_ID_TOKEN_FORMAT },
      subjectToken: 's',
      rpt: 'r',
      permissions: [],
      by: 'id',
      scopes: ['a', 'b'],
      resources: ['https://rs.example'],
      responseMode: 'decision',
      includeResourceName: true,
      permissionsLimit: undefined,
      submitRequest: false,
    });
  });

  it('reads permissions with raw and with encoded separators', () => {
    const expected = [{ resource: 'r1', scopes: ['view', 'edit'] }, { resource: 'r2', scopes: [] }, { scopes: ['view'] }];
    expect(read('audience=a&permission=r1#view,edit&permission=r2&permission=#view').permissions).toEqual(expected);
    expect(read('audience=a&permission=r1%23view%2Cedit&permission=r2%23&permission=%23view').permissions).toEqual(expected);
    expect(read('audience=a&permission=r#,view,,view,').permissions).toEqual([{ resource: 'r', scopes: ['view'] }]);
    expect(read('audience=a&permission=a name, with a comma#s').permissions).toEqual([{ resource: 'a name, with a comma', scopes: ['s'] }]);
    expect(read('audience=a&permission=').permissions).toEqual([]);
  });

  it.each([
    ['', 'id'],
    ['&permission_resource_format=id&permission_resource_matching_uri=true', 'id'],
    ['&permission_resource_format=uri', 'uri'],
    ['&permission_resource_format=uri&permission_resource_matching_uri=false', 'uri'],
    ['&permission_resource_format=uri&permission_resource_matching_uri=TRUE', 'matching-uri'],
  ])('reads how resources are named from "%s"', (form, by) => {
    expect(read(`audience=a${form}`).by).toBe(by);
  });

  it.each(['', 'permission=r', 'audience=a&ticket=t&permission=r', 'ticket=t&ticket=u', 'audience=a&audience=b', 'audience=a&permission=#', 'audience=a&response_mode=x', 'audience=a&response_permissions_limit=-1', 'audience=a&response_permissions_limit=1.5', 'audience=a&submit_request=1', 'ticket=t&claim_token=c&claim_token_format=x', `audience=a&permission=${'x'.repeat(4097)}`])(
    'refuses "%s"',
    (form) => {
      expect(() => read(form)).toThrow(INVALID_REQUEST);
    },
  );

  it.each(['r#a b', 'r#"', 'r#a\u0000', `r#${'x'.repeat(257)}`])('refuses the scopes of "%s"', (permission) => {
    expect(() => read(`audience=a&permission=${encodeURIComponent(permission)}`)).toThrow(INVALID_SCOPE);
  });
});
