import { describe, expect, it } from '@jest/globals';
import { parseForm } from './form-parameters.ts';
import { readScopes, readUmaTokenRequest } from './uma-token-request.ts';

const read = (form: string) => readUmaTokenRequest(parseForm(form));
const INVALID_REQUEST = expect.objectContaining({ error: 'invalid_request', status: 400 });
const INVALID_SCOPE = expect.objectContaining({ error: 'invalid_scope', status: 400 });

describe('A uma-ticket request', () => {
  it('reads ticket, claims, scopes and targets', () => {
    expect(read('ticket=t&claim_token=c&claim_token_format=f&scope=a+b++a&resource=https://rs.example&resource=&pct=p&rpt=r')).toEqual({
      ticket: 't',
      claimToken: { token: 'c', format: 'f' },
      pct: 'p',
      rpt: 'r',
      scopes: ['a', 'b'],
      resources: ['https://rs.example'],
    });
    expect(read('ticket=t')).toEqual({ ticket: 't', claimToken: undefined, scopes: [], resources: [] });
  });

  it.each(['', 'ticket=', 'Ticket=t', 'ticket=t&ticket=t', 'ticket[]=t', 'ticket=t&scope=a&scope=b', 'ticket=t&pct=a&pct=b', 'ticket=t&rpt=a&rpt=b', 'ticket=t&claim_token=a&claim_token=b&claim_token_format=f', 'ticket=t&pushed_claims=c', 'ticket=t&pushed_claims='])(
    'A68 %j is invalid_request [G10]',
    (form) => {
      expect(() => read(form)).toThrow(INVALID_REQUEST);
    },
  );

  it.each(['ticket=t&claim_token=c', 'ticket=t&claim_token_format=f', 'ticket=t&claim_token=&claim_token_format=f', 'ticket=t&claim_token=c&Claim_Token_Format=f'])('%j has one of claim_token and claim_token_format without the other [G8]', (form) => {
    expect(() => read(form)).toThrow(INVALID_REQUEST);
  });
});

describe('pushed_claims of seed 002', () => {
  const readAs = (form: string, dialects: Parameters<typeof readUmaTokenRequest>[1]) => readUmaTokenRequest(parseForm(form), dialects);

  it('is the claims token of a client for the ticket-challenge dialect, and of nobody else [C4]', () => {
    expect(readAs('ticket=t&pushed_claims=c', ['ticket-challenge']).claimToken).toEqual({ token: 'c', format: 'urn:ietf:params:oauth:token-type:jwt' });
    for (const dialects of [undefined, [], ['uma-1']] as const) expect(() => readAs('ticket=t&pushed_claims=c', dialects)).toThrow(INVALID_REQUEST);
  });

  it.each(['pushed_claims=c&claim_token=d&claim_token_format=f', 'pushed_claims=c&claim_token=c&claim_token_format=f', 'pushed_claims=c&claim_token_format=f', 'pushed_claims=c&claim_token=d', 'pushed_claims=', 'pushed_claims=c&pushed_claims=c'])('A68 %s is refused [C4, G8]', (form) => {
    expect(() => readAs(`ticket=t&${form}`, ['ticket-challenge'])).toThrow(INVALID_REQUEST);
  });

  it('leaves claim_token to those who may speak both', () => {
    expect(readAs('ticket=t&claim_token=c&claim_token_format=f', ['ticket-challenge']).claimToken).toEqual({ token: 'c', format: 'f' });
  });
});

describe('A73 Scopes', () => {
  it('of up to 2 KiB and 50 values are read, each once', () => {
    expect(readScopes(undefined)).toEqual([]);
    expect(readScopes('x'.repeat(2048))).toHaveLength(1);
    expect(readScopes(Array.from({ length: 50 }, (_, index) => `s${index}`).join(' '))).toHaveLength(50);
    expect(readScopes(' a  b a ')).toEqual(['a', 'b']);
  });

  it.each(['x'.repeat(2049), 'a '.repeat(25_000), Array.from({ length: 51 }, (_, index) => `s${index}`).join(' '), 'a"b', 'a\\b', 'a\tb', 'a\u0000', 'ä'])('case %# is invalid_scope', (scope) => {
    expect(() => readScopes(scope)).toThrow(INVALID_SCOPE);
  });
});
