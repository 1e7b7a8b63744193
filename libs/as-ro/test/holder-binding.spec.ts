import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import type { DpopKey } from '@uma-federation/uma-core';
import { AsRoUnderTest, clientKey, GLOBEX, readToken, secretsInLogs, stopAll } from './harness.ts';
import { DENIED, expectNeedInfo, INVALID_GRANT, refusal } from './support/answers.ts';
import { APP, OTHER_APP, PUBLIC_APP, type TestClient } from './support/clients.ts';

let strict: AsRoUnderTest;
let lenient: AsRoUnderTest;
let mine: DpopKey;
let theirs: DpopKey;
beforeAll(async () => {
  strict = await AsRoUnderTest.start();
  lenient = await AsRoUnderTest.start({ settings: { holderBinding: 'optional' } });
  mine = await clientKey();
  theirs = await clientKey(fixedKeys.evil);
});
afterAll(stopAll);

/** Who presents a claims token that names `APP` and, when bound, the key `mine`. */
interface Presenter {
  readonly presenter: string;
  readonly client: TestClient;
  readonly proves: 'the key' | 'another key' | 'no key';
  readonly bound: boolean;
  /** The outcome under `holderBinding: required`. */
  readonly required: 'granted' | 'denied';
}

const row = (presenter: string, client: TestClient, proves: Presenter['proves'], bound: boolean, required: Presenter['required']): Presenter => ({ presenter, client, proves, bound, required });
const MATRIX: readonly Presenter[] = [
  row('the named confidential client', APP, 'no key', false, 'granted'),
  row('the named confidential client', APP, 'the key', false, 'granted'),
  row('the named confidential client', APP, 'no key', true, 'granted'),
  row('the named confidential client', APP, 'the key', true, 'granted'),
  row('the named confidential client', APP, 'another key', true, 'granted'),
  row('another confidential client', OTHER_APP, 'no key', false, 'denied'),
  row('another confidential client', OTHER_APP, 'another key', false, 'denied'),
  row('another confidential client', OTHER_APP, 'the key', true, 'granted'),
  row('another confidential client', OTHER_APP, 'another key', true, 'denied'),
  row('another confidential client', OTHER_APP, 'no key', true, 'denied'),
  row('a public client', PUBLIC_APP, 'no key', false, 'denied'),
  row('a public client', PUBLIC_APP, 'the key', false, 'denied'),
  row('a public client', PUBLIC_APP, 'the key', true, 'granted'),
  row('a public client', PUBLIC_APP, 'another key', true, 'denied'),
  row('a public client', PUBLIC_APP, 'no key', true, 'denied'),
];

async function present(server: AsRoUnderTest, { client, proves, bound }: Presenter) {
  const note = await server.sharedNote();
  const dpop = { 'the key': mine, 'another key': theirs, 'no key': undefined }[proves];
  return server.access(note, bound ? { confirmationThumbprint: mine.thumbprint } : {}, { client, ...(dpop === undefined ? {} : { dpop }) });
}

describe('Decision D3: the presenter of a claims token is the holder that it names [G64]', () => {
  it.each(MATRIX)('required: $presenter with $proves, token bound to a key: $bound → $required', async (presenter) => {
    const answer = await present(strict, presenter);
    if (presenter.required === 'granted') expect(answer.status).toBe(200);
    else expect(refusal(answer)).toEqual(DENIED);
  });

  it.each(MATRIX.filter(({ bound }) => !bound))('optional (plain seed 003): $presenter with $proves, token without a key → granted', async (presenter) => {
    expect((await present(lenient, presenter)).status).toBe(200);
  });

  it.each(MATRIX.filter(({ bound }) => bound))('optional: a key that the token names is proven all the same (RFC 7800 3): $presenter with $proves → $required', async (presenter) => {
    const answer = await present(lenient, presenter);
    if (presenter.required === 'granted') expect(answer.status).toBe(200);
    else expect(refusal(answer)).toEqual(DENIED);
  });

  it('a public client that only bears the name in the token is nobody: client_id proves nothing', async () => {
    const note = await strict.sharedNote();
    expect(refusal(await strict.access(note, { clientId: PUBLIC_APP.id }, { client: PUBLIC_APP }))).toEqual(DENIED);
    expect(strict.log.takeReasons()).toContain('presenter_is_not_the_holder');
  });

  it('the RPT is bound to the key that this request proved, not to the one in the claims token', async () => {
    const note = await lenient.sharedNote();
    const { body } = await lenient.access(note, { confirmationThumbprint: mine.thumbprint }, { dpop: theirs });
    expect(readToken(String(body['access_token'])).claims['cnf']).toEqual({ jkt: theirs.thumbprint });
  });
});

describe('A1 Pass the permission ticket', () => {
  it('an evil RS that relays the client’s claims token gets nothing for it: it has not the key', async () => {
    const note = await strict.sharedNote();
    const token = await strict.identityToken(note, { clientId: PUBLIC_APP.id, confirmationThumbprint: mine.thumbprint });
    expect(refusal(await strict.redeem({ ticket: note.ticket, claim_token: token }, { client: PUBLIC_APP, dpop: theirs }))).toEqual(DENIED);
  });

  it('the RPT that an unwitting client gets is for the RS that the ticket was made for, and says so', async () => {
    const note = await strict.sharedNote();
    const { body } = await strict.access(note, { confirmationThumbprint: mine.thumbprint }, { dpop: mine });
    expect({ resource: body['resource'], aud: readToken(String(body['access_token'])).claims['aud'] }).toEqual({ resource: 'https://rs.acme.example', aud: 'https://rs.acme.example' });
  });
});

describe('A8 Mix-up of authorization servers', () => {
  it('an evil server that was posted ticket and claims token cannot replay them here', async () => {
    const note = await strict.sharedNote();
    const token = await strict.identityToken(note, { confirmationThumbprint: mine.thumbprint });
    for (const [client, dpop] of [[PUBLIC_APP, undefined], [PUBLIC_APP, theirs], [OTHER_APP, theirs]] as const) {
      const challenge = await strict.challenge({ resource_id: note.id, resource_scopes: ['view'] });
      const answer = await strict.redeem({ ticket: challenge.ticket, claim_token: token }, { client, ...(dpop === undefined ? {} : { dpop }) });
      expect(refusal(answer)).toEqual(DENIED);
    }
    expect(refusal(await strict.redeem({ ticket: note.ticket, claim_token: token }, { client: PUBLIC_APP, dpop: theirs }))).toEqual(DENIED);
  });
});

describe('A76 DPoP at the token endpoint', () => {
  it.each([
    ['for another method', { method: 'GET' }],
    ['for another endpoint', { url: 'https://as.acme.example/introspect' }],
    ['for another server', { url: `${GLOBEX}/token` }],
    ['for the address that the socket has', { url: 'http://127.0.0.1/token' }],
  ])('refuses a proof %s, and leaves the ticket alone', async (_what, target) => {
    const note = await strict.sharedNote();
    const answer = await strict.redeem({ ticket: note.ticket }, { headers: { DPoP: await strict.proof(mine, target) } });
    expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status: 400, error: 'invalid_dpop_proof' });
    expect((await strict.access(note)).status).toBe(200);
  });

  it('refuses a proof the second time, two proofs at once, and a stale one', async () => {
    const proof = await strict.proof(mine);
    const note = await strict.sharedNote();
    const next = expectNeedInfo(await strict.redeem({ ticket: note.ticket }, { headers: { DPoP: proof } }), note);
    const stale = await strict.proof(mine);
    for (const DPoP of [proof, [await strict.proof(mine), await strict.proof(mine)]]) {
      expect((await strict.redeem({ ticket: next.ticket }, { headers: { DPoP } })).body['error']).toBe('invalid_dpop_proof');
    }
    strict.clock.advance(120);
    expect((await strict.redeem({ ticket: next.ticket }, { headers: { DPoP: stale } })).body['error']).toBe('invalid_dpop_proof');
    const token = await strict.identityToken(next, { confirmationThumbprint: mine.thumbprint });
    expect((await strict.redeem({ ticket: next.ticket, claim_token: token }, { dpop: mine })).status).toBe(200);
  });

  it('keeps a claims token that is bound to a key away from who proves none, however often it asks', async () => {
    const note = await strict.sharedNote();
    const next = expectNeedInfo(await strict.redeem({ ticket: note.ticket }, { client: PUBLIC_APP }), note);
    const token = await strict.identityToken(next, { confirmationThumbprint: mine.thumbprint });
    expect(refusal(await strict.redeem({ ticket: next.ticket, claim_token: token }, { client: PUBLIC_APP }))).toEqual(DENIED);
    expect(refusal(await strict.redeem({ ticket: next.ticket, claim_token: token }, { client: PUBLIC_APP, dpop: mine }))).toEqual(INVALID_GRANT);
  });
});

describe('Decision D5: whose identities are taken', () => {
  const POLICIES = [
    ['open', { mode: 'open' }, 'granted'],
    ['the domain deny-listed', { mode: 'open', deny: ['globex.example'] }, 'denied'],
    ['the issuer deny-listed', { mode: 'open', deny: [GLOBEX] }, 'denied'],
    ['another domain deny-listed', { mode: 'open', deny: ['sub.globex.example', 'example', 'lobex.example'] }, 'granted'],
    ['an empty allow list', { mode: 'allowlist' }, 'denied'],
    ['the domain allow-listed', { mode: 'allowlist', allow: ['globex.example'] }, 'granted'],
    ['the issuer allow-listed', { mode: 'allowlist', allow: [GLOBEX] }, 'granted'],
    ['a parent domain allow-listed', { mode: 'allowlist', allow: ['example', '.example', '*.example', 'GLOBEX.example'] }, 'denied'],
    ['the domain on both lists: deny wins', { mode: 'allowlist', allow: ['globex.example'], deny: ['globex.example'] }, 'denied'],
    ['the issuer allowed, the domain denied: deny wins', { mode: 'allowlist', allow: [GLOBEX], deny: ['globex.example'] }, 'denied'],
    ['the domain allowed, the issuer denied: deny wins', { mode: 'allowlist', allow: ['globex.example'], deny: [GLOBEX] }, 'denied'],
  ] as const;

  it.each(POLICIES)('%s', async (_name, trust, outcome) => {
    const server = await AsRoUnderTest.start({ settings: { trust } });
    const answer = await server.access(await server.sharedNote());
    if (outcome === 'granted') {
      expect(answer.status).toBe(200);
    } else {
      expect(refusal(answer)).toEqual(DENIED);
      // A distrusted domain is not even asked.
      expect({ reasons: server.log.takeReasons(), questions: server.directory.questions }).toEqual({ reasons: ['domain_not_trusted'], questions: [] });
    }
  });

  it('an allow-listed issuer speaks only for domains that name it', async () => {
    const server = await AsRoUnderTest.start({ settings: { trust: { mode: 'allowlist', allow: [GLOBEX] } } });
    server.directory.name('hosted.example', 'https://login.hosting.example', fixedKeys.evil);
    const note = await server.sharedNote({ grantee: { anyone: true } });
    const dora = { sub: 'dora@hosted.example', email: 'dora@hosted.example' };
    expect(refusal(await server.redeem({ ticket: note.ticket, claim_token: server.forgeIdentityToken(note, { claims: dora }) }))).toEqual(DENIED);
    expect(server.log.takeReasons()).toEqual(['issuer_not_authoritative']);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
