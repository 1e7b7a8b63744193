import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, publicJwk, type PrivateJwk } from '@uma-federation/testing';
import { createHash, createHmac } from 'node:crypto';
import { AsRoUnderTest, BOB, clientKey, GLOBEX, ISSUER, readToken, secretsInLogs, stopAll, type Challenge } from './harness.ts';
import { DENIED, expectNeedInfo, INVALID_GRANT, refusal, refused } from './support/answers.ts';
import { malleate } from './support/malleate.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
beforeEach(() => {
  asRo.log.takeReasons();
  asRo.directory.questions.length = 0;
  asRo.directory.name('globex.example', GLOBEX, fixedKeys.globex);
});
afterAll(stopAll);

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

interface Case {
  readonly name: string;
  /** The claims token for this ticket. */
  readonly token: (note: Challenge) => string;
  /** `granted`, `need_info` (a fresh token could cure it) or `request_denied` (integrity), as protocol.md 8.0 decides. */
  readonly outcome: 'granted' | 'need_info' | 'request_denied';
  /** What a network would have been asked for before the decision; `undefined` when it does not matter. */
  readonly questions?: readonly string[];
}

const DISCOVERY = 'requesting-party globex.example';
const KEYS = `keys ${GLOBEX}`;

/** A token that differs from a good one in its claims. */
const claims = (changes: (note: Challenge) => Record<string, unknown>) => (note: Challenge): string => asRo.forgeIdentityToken(note, { claims: changes(note) });
const header = (changes: Record<string, unknown>, key?: PrivateJwk) => (note: Challenge): string =>
  asRo.forgeIdentityToken(note, { header: changes, ...(key === undefined ? {} : { key }) });
/** A token made of texts. */
const raw = (make: (parts: { header: Record<string, unknown>; claims: Record<string, unknown>; good: string }) => string) => (note: Challenge): string => {
  const good = asRo.forgeIdentityToken(note);
  return make({ ...readToken(good), good });
};
const signature = (change: (valid: Uint8Array) => Uint8Array) => (note: Challenge): string => asRo.forgeIdentityToken(note, { signature: change });
/** Signed with the right key whatever the texts are. */
const signedText = (headerText: string | undefined, payload: (claims: Record<string, unknown>) => string | Buffer) => (note: Challenge): string => {
  const good = { alg: 'ES256', kid: fixedKeys.globex.kid, typ: 'uma-identity-claims+jwt' };
  return asRo.forgeRaw(headerText ?? JSON.stringify(good), payload(asRo.identityClaims(note)));
};

async function check({ token, outcome, questions }: Case): Promise<void> {
  const note = await asRo.sharedNote();
  const claimToken = token(note);
  asRo.directory.questions.length = 0;
  const answer = await asRo.redeem({ ticket: note.ticket, claim_token: claimToken });
  if (questions !== undefined) expect(asRo.directory.questions).toEqual(questions);
  if (outcome === 'granted') expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status: 200, error: undefined });
  if (outcome === 'request_denied') {
    expect(refusal(answer)).toEqual(DENIED);
    // The process has ended: neither ticket nor identity go on.
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  }
  if (outcome === 'need_info') {
    const next = expectNeedInfo(answer, note);
    expect((await asRo.access(next)).status).toBe(200);
  }
}

const table = (cases: readonly Case[]) => cases.map((row) => [row.name, row] as const);
const actor = (note: Challenge): Record<string, unknown> => ({ sub: readToken(note.resourceClaimsToken).claims['sub'], iss: ISSUER });
const nonce = (note: Challenge): string => String(readToken(note.ticket).claims['sub']);

describe('A6 The identity claims token of another server, and the shape of aud [A56, G64]', () => {
  it.each(
    table([
      { name: 'another server', token: claims(() => ({ aud: 'https://as2.acme.example' })), outcome: 'request_denied', questions: [DISCOVERY, KEYS] },
      { name: 'both servers', token: claims(() => ({ aud: [ISSUER, 'https://as2.acme.example'] })), outcome: 'request_denied' },
      { name: 'this server twice', token: claims(() => ({ aud: [ISSUER, ISSUER] })), outcome: 'request_denied' },
      { name: 'an empty array', token: claims(() => ({ aud: [] })), outcome: 'request_denied' },
      { name: 'nothing', token: claims(() => ({ aud: undefined })), outcome: 'request_denied' },
      { name: 'a prefix', token: claims(() => ({ aud: 'https://as.acme.exampl' })), outcome: 'request_denied' },
      { name: 'a suffix more', token: claims(() => ({ aud: `${ISSUER}.evil` })), outcome: 'request_denied' },
      { name: 'a slash more', token: claims(() => ({ aud: `${ISSUER}/` })), outcome: 'request_denied' },
      { name: 'another case', token: claims(() => ({ aud: 'https://AS.acme.example' })), outcome: 'request_denied' },
      { name: 'the token endpoint', token: claims(() => ({ aud: `${ISSUER}/token` })), outcome: 'request_denied' },
      { name: 'an object', token: claims(() => ({ aud: { '0': ISSUER } })), outcome: 'request_denied' },
      { name: 'an array of just this server', token: claims(() => ({ aud: [ISSUER] })), outcome: 'granted' },
    ]),
  )('aud is %s', (_name, row) => check(row));
});

describe('A13 Variants of act.sub', () => {
  it.each(
    table([
      { name: 'padded', token: claims((note) => ({ act: { ...actor(note), sub: `${String(actor(note)['sub'])}=` } })), outcome: 'request_denied' },
      { name: 'hex', token: claims((note) => ({ act: { ...actor(note), sub: sha256(nonce(note)).toString('hex') } })), outcome: 'request_denied' },
      { name: 'the standard alphabet', token: claims((note) => ({ act: { ...actor(note), sub: `${sha256(nonce(note)).toString('base64').slice(0, 41)}+/` } })), outcome: 'request_denied' },
      { name: 'the hash of the ticket string', token: claims((note) => ({ act: { ...actor(note), sub: sha256(note.ticket).toString('base64url') } })), outcome: 'request_denied' },
      { name: 'the hash of the decoded nonce', token: claims((note) => ({ act: { ...actor(note), sub: sha256(Buffer.from(nonce(note), 'base64url')).toString('base64url') } })), outcome: 'request_denied' },
      { name: 'the hash of the empty string', token: claims((note) => ({ act: { ...actor(note), sub: sha256('').toString('base64url') } })), outcome: 'request_denied' },
      { name: 'the nonce itself', token: claims((note) => ({ act: { ...actor(note), sub: nonce(note) } })), outcome: 'request_denied' },
      { name: 'an array', token: claims((note) => ({ act: { ...actor(note), sub: [actor(note)['sub']] } })), outcome: 'request_denied' },
      { name: 'missing', token: claims(() => ({ act: { iss: ISSUER } })), outcome: 'request_denied' },
      { name: 'another ticket’s', token: claims((note) => ({ act: { ...actor(note), sub: sha256('another').toString('base64url') } })), outcome: 'request_denied' },
      { name: 'right, without act.iss', token: claims((note) => ({ act: { sub: actor(note)['sub'] } })), outcome: 'granted' },
    ]),
  )('%s', (_name, row) => check(row));
});

describe('The actor', () => {
  it.each(
    table([
      { name: 'no act at all', token: claims(() => ({ act: undefined })), outcome: 'request_denied' },
      { name: 'act.iss of another server', token: claims((note) => ({ act: { ...actor(note), iss: GLOBEX } })), outcome: 'request_denied' },
      { name: 'act.aud of another owner', token: claims((note) => ({ act: { ...actor(note), aud: 'mailto:anna@acme.example' } })), outcome: 'request_denied' },
      { name: 'act.aud of the owner', token: claims((note) => ({ act: { ...actor(note), aud: 'mailto:alice@acme.example' } })), outcome: 'granted' },
      { name: 'act.aud of the owner as acct', token: claims((note) => ({ act: { ...actor(note), aud: 'acct:alice@acme.example' } })), outcome: 'granted' },
      { name: 'A14 ticket_challenge besides a good act', token: claims((note) => ({ ticket_challenge: sha256(note.ticket).toString('base64url') })), outcome: 'request_denied' },
      { name: 'A14 a good ticket_challenge besides a wrong act', token: claims((note) => ({ ticket_challenge: sha256(note.ticket).toString('base64url'), act: { sub: sha256('x').toString('base64url') } })), outcome: 'request_denied' },
      { name: 'A14 ticket_challenge instead of act', token: claims((note) => ({ ticket_challenge: sha256(note.ticket).toString('base64url'), act: undefined })), outcome: 'request_denied' },
    ]),
  )('%s', (_name, row) => check(row));
});

describe('A51 act bombs', () => {
  const nested = (levels: number, innermost: unknown): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => ({ act: inner }), innermost);
  it.each(
    table([
      { name: 'four levels', token: claims((note) => ({ act: { ...actor(note), ...(nested(3, {}) as object) } })), outcome: 'request_denied', questions: [DISCOVERY, KEYS] },
      { name: 'eleven levels', token: claims((note) => ({ act: { ...actor(note), ...(nested(11, {}) as object) } })), outcome: 'request_denied', questions: [] },
      { name: '500 levels', token: signedText(undefined, (good) => `${JSON.stringify(good).slice(0, -1)},"x":${'{"act":'.repeat(500)}{}${'}'.repeat(501)}`), outcome: 'request_denied', questions: [] },
      { name: 'an array', token: claims((note) => ({ act: [actor(note)] })), outcome: 'request_denied' },
      { name: 'a string', token: claims((note) => ({ act: actor(note)['sub'] })), outcome: 'request_denied' },
      { name: 'null', token: claims(() => ({ act: null })), outcome: 'request_denied' },
      { name: 'an inner array', token: claims((note) => ({ act: { ...actor(note), act: [] } })), outcome: 'request_denied' },
      { name: '10,000 levels: larger than any token may be', token: (note) => asRo.forgeIdentityToken(note, { claims: { act: { ...actor(note), x: '{'.repeat(10_000) } } }), outcome: 'need_info', questions: [] },
      { name: 'a history of two former actors', token: claims((note) => ({ act: { ...actor(note), act: { sub: 'x', act: { sub: 'y' } } } })), outcome: 'granted' },
    ]),
  )('%s', (_name, row) => check(row));
});

describe('A52 Nested actors', () => {
  it.each(
    table([
      { name: 'the inner one right, the outer one wrong', token: claims((note) => ({ act: { sub: sha256('x').toString('base64url'), act: actor(note) } })), outcome: 'request_denied' },
      { name: 'the inner one right, the outer one empty', token: claims((note) => ({ act: { act: actor(note) } })), outcome: 'request_denied' },
      { name: 'the outer one right, the inner one wrong', token: claims((note) => ({ act: { ...actor(note), act: { sub: 'nobody', iss: 'https://evil.example' } } })), outcome: 'granted' },
    ]),
  )('only the outermost counts: %s', (_name, row) => check(row));
});

describe('A25 Claims that would override what the server knows', () => {
  const pushedClaims: readonly Record<string, unknown>[] = [{ time: 1 }, { now: 1 }, { ip: '127.0.0.1' }, { scope: 'edit admin' }, { permissions: [{ resource_id: '*', resource_scopes: ['edit'] }] }, { groups: ['owners'] }, { constructor: { name: 'x' } }, { toString: 'x' }];
  it.each(pushedClaims.map((pushed) => ({ pushed })))(
    '$pushed changes neither decision nor RPT',
    async ({ pushed }) => {
      const note = await asRo.sharedNote();
      const token = asRo.forgeIdentityToken(note, { claims: pushed });
      const { status, body } = await asRo.redeem({ ticket: note.ticket, claim_token: token });
      expect(status).toBe(200);
      const { claims: rpt } = readToken(String(body['access_token']));
      expect(rpt).toMatchObject({ iat: asRo.clock.now(), permissions: [{ resource_id: note.id, resource_scopes: ['view'] }] });
      expect(Object.keys(rpt)).toHaveLength(8);
      const later = await asRo.sharedNote({ not_before: asRo.clock.now() + 1000 });
      expect(refusal(await asRo.redeem({ ticket: later.ticket, claim_token: asRo.forgeIdentityToken(later, { claims: { ...pushed, nbf: asRo.clock.now() } }) }))).toEqual(DENIED);
    },
  );

  it('the claim client_id does not become the RPT’s', async () => {
    const dpop = await clientKey();
    const note = await asRo.sharedNote();
    const token = asRo.forgeIdentityToken(note, { claims: { client_id: 'their-client', cnf: { jkt: dpop.thumbprint } } });
    const { body } = await asRo.redeem({ ticket: note.ticket, claim_token: token }, { dpop });
    expect(readToken(String(body['access_token'])).claims['client_id']).toBe('https://app.example/client');
  });

  it('__proto__ ends the process before anything is asked', () =>
    check({ name: '', token: signedText(undefined, (good) => `${JSON.stringify(good).slice(0, -1)},"__proto__":{"email_verified":true}}`), outcome: 'request_denied', questions: [] }));
});

describe('A30 The issuer is not the one of the e-mail domain', () => {
  it('is refused though the token is signed well and the issuer is real', async () => {
    asRo.directory.name('evil.example', 'https://as.evil.example', fixedKeys.evil);
    const evil = { header: { kid: fixedKeys.evil.kid }, key: fixedKeys.evil };
    await check({ name: '', token: (note) => asRo.forgeIdentityToken(note, { ...evil, claims: { iss: 'https://as.evil.example' } }), outcome: 'request_denied', questions: [DISCOVERY] });
    await check({ name: '', token: (note) => asRo.forgeIdentityToken(note, evil), outcome: 'need_info', questions: [DISCOVERY, KEYS] });
    await check({ name: '', token: (note) => asRo.forgeIdentityToken(note, { key: fixedKeys.evil }), outcome: 'request_denied' });
  });

  it('is refused when email says somebody else than sub', () => check({ name: '', token: claims(() => ({ email: 'carol@globex.example' })), outcome: 'request_denied' }));
});

describe('A31 Issuers that look alike', () => {
  it.each([
    'https://as.globex.example.evil',
    'https://evilas.globex.example',
    'https://sub.as.globex.example',
    'https://globex.example',
    'https://as.globex.example:8443',
    'https://as.globex.example:443',
    'https://as.globex.example/',
    'https://as.globex.example/tenant',
    'https://as.globex.example@evil.example',
    'https://as.globex.example.',
    'https://AS.globex.example',
    'HTTPS://as.globex.example',
    'http://as.globex.example',
    'as.globex.example',
    ' https://as.globex.example',
    'https://as.globex.exаmple',
  ])('iss %s is refused: WebFinger of globex.example names another', (iss) => check({ name: '', token: claims(() => ({ iss })), outcome: 'request_denied', questions: [DISCOVERY] }));

  it.each([{ iss: ['https://as.globex.example'] }, { iss: {} }, { iss: null }, { iss: '' }, { iss: undefined }])('%j is refused before anything is asked', ({ iss }) =>
    check({ name: '', token: claims(() => ({ iss })), outcome: 'request_denied', questions: [] }),
  );
});

describe('A32 Addresses with several @', () => {
  it.each(['bob@globex.example@evil.example', '"a@globex.example"@evil.example', 'bob@evil.example@globex.example', 'bob@@globex.example', '@globex.example', 'bob@', 'globex.example', 'bob@globex.example@'])(
    '%s is refused before anything is asked',
    (sub) => check({ name: '', token: claims(() => ({ sub, email: sub })), outcome: 'request_denied', questions: [] }),
  );
});

describe('A33 Homograph domains', () => {
  it.each(['bob@gl\u043ebex.example', 'bob@globex.ex\u0430mple', 'bob@\uff47lobex.example', 'bob@glo\u00adbex.example', 'bob@glo\u200dbex.example', 'bob@globex\u3002example'])(
    '%j is refused before anything is asked',
    (sub) => check({ name: '', token: claims(() => ({ sub, email: sub })), outcome: 'request_denied', questions: [] }),
  );

  it('a domain in Unicode is refused, and its A-label is another domain than the one it looks like', async () => {
    asRo.directory.name('xn--glbex-k1a.example', GLOBEX, fixedKeys.globex);
    const note = await asRo.sharedNote({ grantee: { domain: 'globex.example' } });
    for (const sub of ['bob@glöbex.example', 'bob@xn--glbex-k1a.example']) {
      const challenge = await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] });
      expect(refusal(await asRo.redeem({ ticket: challenge.ticket, claim_token: asRo.forgeIdentityToken(challenge, { claims: { sub, email: sub } }) }))).toEqual(DENIED);
    }
    expect(asRo.log.takeReasons()).toEqual(['subject_not_an_email_address', 'policy_not_the_grantee']);
  });

  it('an upper-case domain is another spelling: refused', () => check({ name: '', token: claims(() => ({ sub: 'bob@GLOBEX.example', email: 'bob@GLOBEX.example' })), outcome: 'request_denied', questions: [] }));
});

describe('A34 Tricks with the local part', () => {
  it.each(['Bob@globex.example', 'BOB@globex.example', 'bob+alice@globex.example', 'b.ob@globex.example'])('%s is not bob: policy compares exactly', (sub) =>
    check({ name: '', token: claims(() => ({ sub, email: sub })), outcome: 'request_denied', questions: [DISCOVERY, KEYS] }),
  );

  it.each(['bo b@globex.example', 'bob\u0000@globex.example', 'bob\r\n@globex.example', `${'b'.repeat(65)}@globex.example`, 'bob(x)@globex.example', '.bob@globex.example', 'bob.@globex.example', 'b..b@globex.example', 'b%6fb@globex.example', 'bob@[127.0.0.1]', 'bob@localhost', 'bob@127.0.0.1'])(
    '%j is refused before anything is asked',
    (sub) => check({ name: '', token: claims(() => ({ sub, email: sub })), outcome: 'request_denied', questions: [] }),
  );
});

describe('A35 An address that nobody verified', () => {
  it.each(
    table([
      { name: 'email_verified is false', token: claims(() => ({ email_verified: false })), outcome: 'need_info' },
      { name: 'email_verified is absent', token: claims(() => ({ email_verified: undefined })), outcome: 'need_info' },
      { name: 'email_verified is a string', token: claims(() => ({ email_verified: 'true' })), outcome: 'request_denied' },
      { name: 'email_verified is 1', token: claims(() => ({ email_verified: 1 })), outcome: 'request_denied' },
      { name: 'email is absent, sub carries it', token: claims(() => ({ email: undefined })), outcome: 'granted' },
    ]),
  )('%s', (_name, row) => check(row));
});

describe('Discovery', () => {
  it.each(['webfinger_timeout', 'metadata_unavailable', 'circuit_open', 'issuer_mismatch'])('failing with %s asks for a fresh token; the process goes on when the outage is over', async (reason) => {
    asRo.directory.failFor('globex.example', reason);
    const note = await asRo.sharedNote();
    const token = await asRo.identityToken(note);
    const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket, claim_token: token }), note);
    asRo.directory.name('globex.example', GLOBEX, fixedKeys.globex);
    expect((await asRo.redeem({ ticket: next.ticket, claim_token: token })).status).toBe(200);
  });

  it('without keys asks for a fresh token', async () => {
    asRo.directory.failKeysOf(GLOBEX, 'jwks_timeout');
    const note = await asRo.sharedNote();
    expectNeedInfo(await asRo.access(note), note);
  });

  it('A46 beyond the client’s budget answers 429 with Retry-After', async () => {
    asRo.directory.failFor('globex.example', 'discovery_budget');
    const answer = await asRo.access(await asRo.sharedNote());
    expect(refusal(answer)).toEqual(refused(429, 'temporarily_unavailable'));
    expect(answer.headers['retry-after']).toBe('60');
  });
});

describe('A47 Confusion of algorithms', () => {
  const mac = (alg: string, secret: string | Buffer) => raw(({ header: good, claims: payload }) => {
    const input = `${encode({ ...good, alg })}.${encode(payload)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  });
  it.each(
    table([
      { name: 'HS256 with the public key as secret', token: mac('HS256', JSON.stringify(publicJwk(fixedKeys.globex))), outcome: 'request_denied', questions: [] },
      { name: 'HS256 with an empty secret', token: mac('HS256', ''), outcome: 'request_denied', questions: [] },
      ...['none', 'None', 'nOnE', 'NONE', '', 'es256', 'ES384', 'RS1', 'dir'].map((alg): Case => ({ name: `alg ${alg}`, token: header({ alg }), outcome: 'request_denied', questions: [] })),
      { name: 'alg none without a signature', token: raw(({ header: good, claims: payload }) => `${encode({ ...good, alg: 'none' })}.${encode(payload)}.`), outcome: 'need_info', questions: [] },
      { name: 'no alg', token: header({ alg: undefined }), outcome: 'request_denied', questions: [] },
      { name: 'alg as an array', token: header({ alg: ['ES256'] }), outcome: 'request_denied', questions: [] },
      ...['RS256', 'PS256', 'EdDSA'].map((alg): Case => ({ name: `${alg} with a P-256 key`, token: header({ alg }), outcome: 'request_denied' })),
      { name: 'b64: false', token: header({ b64: false, crit: ['b64'] }), outcome: 'request_denied', questions: [] },
      { name: 'crit', token: header({ crit: ['exp'] }), outcome: 'request_denied', questions: [] },
      { name: 'an empty crit', token: header({ crit: [] }), outcome: 'request_denied', questions: [] },
    ]),
  )('%s', (_name, row) => check(row));
});

describe('A48 Keys that the token brings along', () => {
  it.each([
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example/cert' },
    { jwk: publicJwk(fixedKeys.evil) },
    { x5c: ['MIIB'] },
    { x5t: 'x' },
    { 'x5t#S256': 'x' },
    { cty: 'JWT' },
    { zip: 'DEF' },
    { foreign: 1 },
  ])('the header %j is refused, and nothing is fetched', async (member) => {
    await check({ name: '', token: header(member), outcome: 'request_denied', questions: [] });
    await check({ name: '', token: header({ ...member, kid: fixedKeys.evil.kid }, fixedKeys.evil), outcome: 'request_denied', questions: [] });
  });
});

describe('A49 Injection through kid', () => {
  const hostile: readonly unknown[] = ['../../dev/null', "' OR 1=1 --", 'x'.repeat(129), 'x'.repeat(5_000), 'a\u0000b', '', ['globex-as-rqp-1'], { kid: 1 }, 1, null, 'a/b', 'a b', '\u00fc'];
  it.each(hostile.map((kid) => ({ kid })))('kid %# is refused before anything is asked', ({ kid }) => check({ name: '', token: header({ kid }), outcome: 'request_denied', questions: [] }));

  it.each(['__proto__', 'constructor', 'toString', 'GLOBEX-AS-RQP-1', 'another-key'])('kid %s is unknown: keys rotate, so a fresh token may cure it', (kid) =>
    check({ name: '', token: header({ kid }), outcome: 'need_info', questions: [DISCOVERY, KEYS] }),
  );

  it('no kid is refused', () => check({ name: '', token: header({ kid: undefined }), outcome: 'request_denied', questions: [] }));
});

describe('A50 Tokens of other kinds', () => {
  it.each(['at+jwt', 'JWT', 'jwt', 'uma-ticket+jwt', 'uma-resource-claims+jwt', 'dpop+jwt', 'UMA-IDENTITY-CLAIMS+JWT', 'application/uma-identity-claims+jwt', 'uma-identity-claims+jwt ', '', undefined, 1])('typ %j is refused though all claims are right', (typ) =>
    check({ name: '', token: header({ typ }), outcome: 'request_denied', questions: [] }),
  );
});

describe('A54 Oversized and malformed tokens', () => {
  it.each(
    table([
      { name: 'more than 8 KiB', token: claims(() => ({ x: 'x'.repeat(8_000) })), outcome: 'need_info', questions: [] },
      { name: 'two parts', token: raw(({ good }) => good.split('.').slice(0, 2).join('.')), outcome: 'need_info', questions: [] },
      { name: 'four parts', token: raw(({ good }) => `${good}.x`), outcome: 'need_info', questions: [] },
      { name: 'five parts: a JWE', token: raw(({ good }) => `${good}.x.x`), outcome: 'need_info', questions: [] },
      { name: 'JSON serialization', token: raw(({ good }) => JSON.stringify({ protected: good.split('.')[0], payload: good.split('.')[1], signature: good.split('.')[2] })), outcome: 'need_info', questions: [] },
      { name: 'white space before', token: raw(({ good }) => ` ${good}`), outcome: 'need_info', questions: [] },
      { name: 'a line feed behind', token: raw(({ good }) => `${good}\n`), outcome: 'need_info', questions: [] },
      { name: 'padding', token: raw(({ good }) => `${good}=`), outcome: 'need_info', questions: [] },
      { name: 'a non-canonical last character', token: raw(({ good }) => nonCanonical(good)), outcome: 'need_info', questions: [] },
      { name: 'the standard alphabet', token: raw(({ good }) => `${good.slice(0, -2)}+/`), outcome: 'need_info', questions: [] },
      { name: 'a byte order mark in the payload', token: signedText(undefined, (good) => `\ufeff${JSON.stringify(good)}`), outcome: 'request_denied', questions: [] },
      { name: 'invalid UTF-8 in the payload', token: signedText(undefined, (good) => Buffer.concat([Buffer.from(`${JSON.stringify(good).slice(0, -1)},"x":"`), Buffer.from([0xff]), Buffer.from('"}')])), outcome: 'request_denied', questions: [] },
      { name: 'a claim twice', token: signedText(undefined, (good) => `${JSON.stringify(good).slice(0, -1)},"sub":"bob@globex.example"}`), outcome: 'request_denied', questions: [] },
      { name: 'a claim twice, once escaped', token: signedText(undefined, (good) => `${JSON.stringify(good).slice(0, -1)},"s\\u0075b":"x"}`), outcome: 'request_denied', questions: [] },
      { name: 'a header member twice', token: signedText('{"alg":"none","alg":"ES256","kid":"globex-as-rqp-1","typ":"uma-identity-claims+jwt"}', JSON.stringify), outcome: 'request_denied', questions: [] },
      { name: 'a payload that is an array', token: signedText(undefined, (good) => JSON.stringify([good])), outcome: 'request_denied', questions: [] },
      { name: 'an empty payload', token: signedText(undefined, () => ''), outcome: 'need_info', questions: [] },
      ...['"1800000120"', '1e308', '1e400', '-1', '1800000100.5', 'null', '[1800000100]', '9007199254740993'].map((text): Case => ({
        name: `exp ${text}`,
        token: signedText(undefined, (good) => JSON.stringify(good).replace(/"exp":\d+/, `"exp":${text}`)),
        outcome: 'request_denied',
        questions: [],
      })),
      { name: 'no jti', token: claims(() => ({ jti: undefined })), outcome: 'request_denied', questions: [] },
      { name: 'a jti that is a number', token: claims(() => ({ jti: 1 })), outcome: 'request_denied', questions: [] },
      { name: 'no client_id', token: claims(() => ({ client_id: undefined })), outcome: 'request_denied', questions: [] },
    ]),
  )('%s', (_name, row) => check(row));
});

/** The same octets with bits set that no encoder sets. */
function nonCanonical(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = token.at(-1) ?? '';
  return `${token.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1] ?? '_'}`;
}

describe('A55 Games with time', () => {
  const times = (iat: number, exp: number, nbf = iat) => claims(() => ({ iat: asRo.clock.now() + iat, nbf: asRo.clock.now() + nbf, exp: asRo.clock.now() + exp }));
  it.each(
    table([
      { name: 'the last second of the skew after exp', token: times(-100, -59), outcome: 'granted' },
      { name: 'the first second beyond the skew after exp', token: times(-100, -60), outcome: 'need_info' },
      { name: 'the last second of the skew before iat', token: times(60, 120), outcome: 'granted' },
      { name: 'the second before the skew before iat', token: times(61, 120), outcome: 'need_info' },
      { name: 'nbf at the skew', token: times(0, 120, 60), outcome: 'granted' },
      { name: 'nbf beyond the skew', token: times(0, 120, 61), outcome: 'need_info' },
      { name: 'the longest life', token: times(0, 120), outcome: 'granted' },
      { name: 'a life that is one second too long', token: times(0, 121), outcome: 'request_denied' },
      { name: 'exp in the far future', token: times(0, 86_400), outcome: 'request_denied' },
      { name: 'exp before iat', token: times(0, -1), outcome: 'request_denied' },
      { name: 'an old iat with a live exp', token: times(-3600, 60), outcome: 'request_denied' },
      { name: 'no exp', token: claims(() => ({ exp: undefined })), outcome: 'request_denied' },
      { name: 'no iat', token: claims(() => ({ iat: undefined })), outcome: 'request_denied' },
      { name: 'no nbf', token: claims(() => ({ nbf: undefined })), outcome: 'request_denied' },
    ]),
  )('%s', (_name, row) => check(row));
});

describe('A57 Psychic, short, DER and malleated signatures', () => {
  it.each(
    table([
      { name: 'r = s = 0', token: signature(() => new Uint8Array(64)), outcome: 'request_denied' },
      { name: 's = 0', token: signature((valid) => new Uint8Array([...valid.slice(0, 32), ...new Uint8Array(32)])), outcome: 'request_denied' },
      { name: 'all ones', token: signature(() => new Uint8Array(64).fill(0xff)), outcome: 'request_denied' },
      { name: 'swapped halves', token: signature((valid) => new Uint8Array([...valid.slice(32), ...valid.slice(0, 32)])), outcome: 'request_denied' },
      { name: 'DER', token: signature((valid) => new Uint8Array([0x30, 0x44, 0x02, 0x20, ...valid.slice(0, 32), 0x02, 0x20, ...valid.slice(32)])), outcome: 'request_denied' },
      { name: 'too short', token: signature((valid) => valid.slice(0, 63)), outcome: 'request_denied' },
      { name: 'too long', token: signature((valid) => new Uint8Array([...valid, 0])), outcome: 'request_denied' },
      { name: 'of another token', token: raw(({ good }) => `${good.split('.').slice(0, 2).join('.')}.${encode('x'.repeat(64))}`), outcome: 'request_denied' },
      { name: 'high S, which is valid ECDSA (jti, not the signature, is the replay key)', token: raw(({ good }) => malleate(good)), outcome: 'granted' },
    ]),
  )('%s', (_name, row) => check(row));
});

it('takes Bob for Bob: the good token of all these tables is granted', async () => {
  const note = await asRo.sharedNote();
  const { body } = await asRo.redeem({ ticket: note.ticket, claim_token: asRo.forgeIdentityToken(note) });
  expect(readToken(String(body['access_token'])).claims['sub']).toBe(BOB);
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
