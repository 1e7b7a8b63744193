import { describe, expect, it } from '@jest/globals';
import { People } from './people.ts';

const BOB = { email: 'bob@globex.example', password: 'horse', oneTimeCode: '123456', claims: {} };
const EVE = { email: 'eve@globex.example', password: '', oneTimeCode: '000000', claims: { department: 'sales' }, subject: 'eve-1' };

describe('People', () => {
  const people = new People('http://127.0.0.1:1', [BOB, EVE]);

  it('knows a person by address and password, whatever the case of the address', () => {
    expect(people.signIn('Bob@Globex.example', 'horse')?.email).toBe(BOB.email);
    expect(people.signIn(BOB.email, 'horse', '123456')?.email).toBe(BOB.email);
  });

  it.each([
    ['a wrong password', BOB.email, 'Horse', undefined],
    ['a wrong code', BOB.email, 'horse', '000000'],
    ["somebody else's code", BOB.email, 'horse', ''],
    ['an unknown address and the empty password', 'nobody@globex.example', '', undefined],
  ])('knows nobody by %s', (_case, email, password, code) => {
    expect(people.signIn(email, password, code)).toBeUndefined();
  });

  it('derives a stable subject from issuer and address that does not show the address', () => {
    const again = new People('http://127.0.0.1:1', [BOB]).signIn(BOB.email, 'horse')?.subject;
    const elsewhere = new People('http://127.0.0.1:2', [BOB]).signIn(BOB.email, 'horse')?.subject;
    expect(people.signIn(BOB.email, 'horse')?.subject).toBe(again);
    expect(elsewhere).not.toBe(again);
    expect(again).not.toContain('bob');
    expect(people.bySubject(again ?? '')?.email).toBe(BOB.email);
  });

  it('takes the subject of the configuration when there is one', () => {
    expect(people.bySubject('eve-1')?.claims).toEqual({ email: EVE.email, email_verified: true, department: 'sales' });
    expect(people.claimNames()).toEqual(expect.arrayContaining(['email', 'email_verified', 'department']));
  });
});
