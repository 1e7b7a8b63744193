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
