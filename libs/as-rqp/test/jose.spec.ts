import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, loadVectors, publicJwk, type NamedVector } from '@uma-federation/testing';
import {
  JoseContextSealer, mintAccessToken, mintIdentityClaimsToken, mintPermissionTicket, mintRequestingPartyToken, mintResourceClaimsToken, TOKEN_TYPE_URNS,
  type ClientId, type Issuer, type JsonObject, type MintDependencies, type ResourceId,
} from '@uma-federation/uma-core';
import { loadKeyRing, SystemRandomness } from '@uma-federation/keys';
import { Harness, INVALID_REQUEST, INVALID_TARGET, seen } from './harness.ts';
import { ACME_AS, dpopProof, forge, NOTE_URI, TICKET_HASH, type Forgery } from './support/forged-tokens.ts';
import type { HttpAnswer } from './support/send-request.ts';

describe('the vectors of resource claims tokens as actor tokens', () => {
  interface Outcome {
    readonly vector: NamedVector;
    readonly answer: HttpAnswer;
    readonly reason: unknown;
    readonly asked: readonly string[];
  }
  const outcomes: Outcome[] = [];
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start();
    // Loopback issuers belong to the development setting, which this server does not have.
    for (const vector of loadVectors('resource-claims-token').filter(({ inputs }) => inputs.allowLoopback !== true)) {
      harness.forget();
      harness.clock.set(vector.verifyAt);
      harness.directory.keys.set(ACME_AS, vector.inputs.keys ?? []);
      const answer = await harness.exchange({ actor_token: vector.token });
      outcomes.push({ vector, answer, reason: (await harness.logOf(answer))['reason'], asked: harness.directory.asked });
    }
  });
  afterAll(() => harness.stop());

  /** Faults that show before any key is needed. */
  const BEFORE_KEYS = ['malformed', 'bad_json', 'alg_not_allowed', 'bad_kid', 'bad_header', 'wrong_typ', 'bad_claims', 'act_not_allowed', 'wrong_issuer'];

  const faultOf = ({ expect: outcome }: NamedVector): string | undefined => ('reason' in outcome ? outcome.reason : undefined);
  const expectedAnswer = (vector: NamedVector): readonly unknown[] => {
    // T10: an issuer that is no acceptable identifier is an unacceptable target; everything else is the one invalid_request.
    return [400, faultOf(vector) === 'wrong_issuer' ? INVALID_TARGET : INVALID_REQUEST];
  };
  const namesOf = (some: readonly Outcome[]): string[] => some.map(({ vector }) => vector.name);

  it.each([
    'A10 actor token forging',
    'A13 variants of the ticket hash',
    'A37 issuers that are no public https URL',
    'A47 algorithm confusion',
    'A48 keys and key addresses in the header',
    'A49 key id injection',
    'A50 cross-JWT confusion',
    'A51 act bombs',
    'A54 oversized and malformed tokens',
    'A55 time games',
    'A56 the shape of aud',
    'A57 signatures that no honest signer makes',
  ])('%s: every one is answered with 400 and the same body [T12]', (title) => {
    const attack = title.split(' ')[0] ?? '';
    const bad = outcomes.filter(({ vector }) => vector.attacks.includes(attack) && faultOf(vector) !== undefined);
    expect(bad.length).toBeGreaterThan(0);
    expect(namesOf(bad.filter(({ vector, answer }) => JSON.stringify(seen(answer)) !== JSON.stringify(expectedAnswer(vector))))).toEqual([]);
  });

  it('tells the log, and only the log, what was wrong', () => {
    const bad = outcomes.filter(({ vector }) => faultOf(vector) !== undefined && vector.token !== '');
    const expectedReasons = (fault: string | undefined): readonly string[] => {
      if (fault === 'wrong_issuer') return ['actor_issuer_unacceptable'];
      // The vectors give a foreign issuer no keys; here its metadata is not found at all.
      if (fault === 'unknown_key') return ['actor_token_unknown_key', 'actor_token_discovery_metadata_not_found'];
      return [`actor_token_${fault}`];
    };
    expect(bad.filter(({ vector, reason }) => !expectedReasons(faultOf(vector)).includes(String(reason))).map(({ vector, reason }) => [vector.name, reason])).toEqual([]);
  });

  it('A48 asks nobody for the sake of a token whose fault shows without a key', () => {
    const early = outcomes.filter(({ vector }) => BEFORE_KEYS.includes(faultOf(vector) ?? ''));
    expect(early.length).toBeGreaterThan(100);
    expect(namesOf(early.filter(({ asked }) => asked.length > 0))).toEqual([]);
  });

  it('takes the valid ones, but for those that leave no time [T16]', () => {
    const valid = outcomes.filter(({ vector }) => faultOf(vector) === undefined);
    expect(valid.length).toBeGreaterThan(5);
    expect(namesOf(valid.filter(({ answer }) => answer.status !== 200))).toEqual(['valid-last-second']);
  });
});

describe('A48 key addresses in the header', () => {
  let harness: Harness;
  let collector: Server;
  let address = '';
  let visits = 0;
  beforeAll(async () => {
    harness = await Harness.start();
    collector = createServer((_request, response) => {
      visits += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [publicJwk(fixedKeys.evil)] }));
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/keys`;
  });
  afterAll(async () => {
    await harness.stop();
    await new Promise((resolve) => collector.close(resolve));
  });
  beforeEach(() => harness.forget());

  it.each<[string, () => Forgery['header']]>([
    ['jku', () => ({ jku: address })],
    ['x5u', () => ({ x5u: address })],
    ['jku with crit', () => ({ jku: address, crit: ['jku'] })],
    ['jwk', () => ({ jwk: publicJwk(fixedKeys.evil) })],
    ['x5c', () => ({ x5c: ['MIIB'] })],
    ['kid as address', () => ({ kid: address })],
  ])('are not visited: %s in the actor, subject and ID token', async (_what, header) => {
    const forgery: Forgery = { header: header() ?? {}, key: { ...fixedKeys.evil, kid: fixedKeys.acme.kid } };
    const answers = [
      await harness.exchange({ actor_token: harness.resourceClaimsToken(forgery) }),
      await harness.exchange({ subject_token: harness.accessToken(forgery) }),
      await harness.exchange({ subject_token: harness.idToken(forgery), subject_token_type: TOKEN_TYPE_URNS.idToken }),
    ];
    for (const answer of answers) expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
    expect([visits, harness.directory.asked]).toEqual([0, []]);
  });
});

describe('A4 the wrong-slot matrix', () => {
  const SLOTS = {
    'subject token as access token': { subject_token_type: TOKEN_TYPE_URNS.accessToken },
    'subject token as ID token': { subject_token_type: TOKEN_TYPE_URNS.idToken },
    'subject token as jwt': { subject_token_type: TOKEN_TYPE_URNS.jwt },
    'actor token': undefined,
  } as const;
  type Slot = keyof typeof SLOTS;
  const RIGHT: Readonly<Record<string, readonly Slot[]>> = {
    'access token of the provider': ['subject token as access token', 'subject token as jwt'],
    'ID token of the provider': ['subject token as ID token', 'subject token as jwt'],
    'resource claims token': ['actor token'],
  };
  const KINDS = [
    'permission ticket', 'resource claims token', 'identity claims token of ours', 'identity claims token of another domain', 'requesting party token',
    'protection API token', 'access token of the provider', 'access token of another client', 'ID token of the provider', 'ID token of another client', 'DPoP proof',
  ];

  let harness: Harness;
  let tokens: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    harness = await Harness.start();
    const { clock } = harness;
    const minting = (key: JsonObject): MintDependencies => ({ signer: loadKeyRing([key]).signer, clock, randomness: new SystemRandomness() });
    const [acme, globex] = [minting(fixedKeys.acme), minting(fixedKeys.globex)];
    const [acmeIssuer, globexIssuer] = [ACME_AS as Issuer, 'https://as.globex.example' as Issuer];
    const permissions = [{ resourceId: 'r1' as ResourceId, scopes: ['view'] }];
    const context = { permissions, resourceServer: 'rs' as ClientId, owner: 'alice@acme.example', resourceUri: NOTE_URI };
    const ticket = await mintPermissionTicket({ issuer: acmeIssuer, context, lifetimeSeconds: 300 }, { ...acme, sealer: new JoseContextSealer([new Uint8Array(32)]) });
    const identity = { audience: acmeIssuer, email: 'bob@globex.example', clientId: 'app' as ClientId, actor: { ticketHash: TICKET_HASH, issuer: acmeIssuer }, expiresAt: ticket.expiresAt };
    const person = { subject: 'bob@globex.example', clientId: 'app' as ClientId, lifetimeSeconds: 600 };
    tokens = {
      'permission ticket': ticket.token,
      'resource claims token': (await mintResourceClaimsToken({ issuer: acmeIssuer, resourceUri: NOTE_URI, nonce: ticket.nonce, expiresAt: ticket.expiresAt }, acme)).token,
      'identity claims token of ours': (await mintIdentityClaimsToken({ ...identity, issuer: globexIssuer }, globex)).token,
      'identity claims token of another domain': (await mintIdentityClaimsToken({ ...identity, issuer: acmeIssuer }, acme)).token,
      'requesting party token': (await mintRequestingPartyToken({ ...person, issuer: acmeIssuer, audience: globexIssuer, permissions }, acme)).token,
      'protection API token': (await mintAccessToken({ ...person, issuer: acmeIssuer, audience: globexIssuer, scope: 'uma_protection' }, acme)).token,
      'access token of the provider': harness.accessToken(),
      'access token of another client': harness.accessToken({ claims: { client_id: 'other' } }),
      'ID token of the provider': harness.idToken(),
      'ID token of another client': harness.idToken({ claims: { aud: 'other' } }),
      'DPoP proof': dpopProof(clock.now()),
    };
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forget());

  const put = (token: string, slot: Slot): Promise<HttpAnswer> => {
    const type = SLOTS[slot];
    return harness.exchange(type === undefined ? { actor_token: token } : { subject_token: token, ...type });
  };
  const cases = KINDS.flatMap((kind) => (Object.keys(SLOTS) as Slot[]).map((slot) => [kind, slot] as const));

  it.each(cases.filter(([kind, slot]) => RIGHT[kind]?.includes(slot) === true))('takes the %s as %s', async (kind, slot) => {
    expect((await put(tokens[kind] ?? '', slot)).status).toBe(200);
  });

  it.each(cases.filter(([kind, slot]) => RIGHT[kind]?.includes(slot) !== true))('refuses the %s as %s', async (kind, slot) => {
    expect(seen(await put(tokens[kind] ?? '', slot))).toEqual([400, INVALID_REQUEST]);
    expect(harness.directory.asked).toEqual([]);
    // A JWT is never shown to the introspection endpoint as if it were opaque.
    expect(harness.provider.seen.filter(({ path }) => path === '/introspect')).toEqual([]);
  });

  it.each(['uma-ticket+jwt', 'uma-identity-claims+jwt', 'uma-resource-claims+jwt', 'dpop+jwt', 'logout+jwt', 'AT+JWT', 'xat+jwt', 'at+jwt '])(
    'A50 refuses the type %p though provider, key, audience and claims are right',
    async (typ) => {
      for (const type of [TOKEN_TYPE_URNS.accessToken, TOKEN_TYPE_URNS.idToken, TOKEN_TYPE_URNS.jwt]) {
        const token = harness.accessToken({ header: { typ } });
        expect(seen(await harness.exchange({ subject_token: token, subject_token_type: type }))).toEqual([400, INVALID_REQUEST]);
      }
    },
  );

  it.each(['uma-ticket+jwt', 'uma-identity-claims+jwt', 'at+jwt', 'JWT', 'jwt', 'UMA-resource-claims+jwt', 'application/uma-resource-claims+jwt'])(
    'A50 refuses the type %p as actor token though issuer, key and claims are right',
    async (typ) => {
      const claims = { iss: ACME_AS, aud: NOTE_URI, sub: TICKET_HASH, iat: harness.clock.now(), nbf: harness.clock.now(), exp: harness.clock.now() + 300, jti: 'x' };
      expect(seen(await harness.exchange({ actor_token: forge(typ, claims, fixedKeys.acme) }))).toEqual([400, INVALID_REQUEST]);
      expect(harness.directory.asked).toEqual([]);
    },
  );
});
