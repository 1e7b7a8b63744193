import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import { Harness, INVALID_REQUEST, INVALID_TARGET, issuedToken, seen } from './harness.ts';
import { ACME_AS, NOTE_URI, TICKET_HASH, type Forgery } from './support/forged-tokens.ts';
import type { HttpAnswer } from './support/send-request.ts';

const EVIL_AS = 'https://as.evil.example';
const evilToken: Forgery = { claims: { iss: EVIL_AS }, key: fixedKeys.evil };

describe('the actor token', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start();
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forget());

  const withActor = (forgery: Forgery) => harness.exchange({ actor_token: harness.resourceClaimsToken(forgery) });
  const expectRefused = async (answer: HttpAnswer, reason: string): Promise<void> => {
    expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
    expect(await harness.reasonOf(answer)).toBe(reason);
  };

  it.each<[string, Forgery, string]>([
    ['with a flipped bit in its signature', { signature: (valid) => valid.map((octet, index) => (index === 10 ? octet ^ 1 : octet)) }, 'bad_signature'],
    ['that has expired', { claims: { iat: 1_799_999_000, nbf: 1_799_999_000, exp: 1_799_999_300 } }, 'expired'],
    ['that is not valid yet', { claims: { nbf: 1_800_000_100 } }, 'not_yet_valid'],
    ['with a hash of 42 characters', { claims: { sub: TICKET_HASH.slice(1) } }, 'bad_claims'],
    ['with a hash of 44 characters', { claims: { sub: `${TICKET_HASH}=` } }, 'bad_claims'],
    ['with the ticket instead of its hash', { claims: { sub: 'uGZ1bVYq3sZ8b1m0oJcT5w' } }, 'bad_claims'],
    ['for a resource on http', { claims: { aud: 'http://rs.acme.example/' } }, 'bad_resource_uri'],
    ['for a resource without scheme', { claims: { aud: 'rs.acme.example' } }, 'bad_resource_uri'],
    ['for a resource with a fragment', { claims: { aud: `${NOTE_URI}#x` } }, 'bad_resource_uri'],
    ['for a resource that is an IP address', { claims: { aud: 'https://192.0.2.1/' } }, 'bad_resource_uri'],
    ['with a claim that the profile does not know', { claims: { email: 'alice@acme.example' } }, 'bad_claims'],
  ])('refuses one %s [T12]', async (_what, forgery, reason) => {
    await expectRefused(await withActor(forgery), `actor_token_${reason}`);
  });

  describe('A10 actor token forging', () => {
    it.each<[string, Forgery, string]>([
      ['the right claims under the name of another key', { key: fixedKeys.evil }, 'actor_token_unknown_key'],
      ['the right claims and the right key name, by another key', { key: { ...fixedKeys.evil, kid: fixedKeys.acme.kid } }, 'actor_token_bad_signature'],
      ['the claims of one AS-RO by the published key of another', { key: fixedKeys.evil, header: { kid: 'evil-1' } }, 'actor_token_unknown_key'],
      ["our own key", { key: fixedKeys.globex }, 'actor_token_unknown_key'],
      ['a key that was withdrawn', { key: fixedKeys.acmePrevious }, 'actor_token_unknown_key'],
      ['the AS-RO of an issuer with a slash more', { claims: { iss: `${ACME_AS}/` } }, 'actor_token_discovery_metadata_not_found'],
      ['the AS-RO on another port', { claims: { iss: `${ACME_AS}:8443` } }, 'actor_token_discovery_metadata_not_found'],
      ['the AS-RO of a tenant', { claims: { iss: `${ACME_AS}/tenant` } }, 'actor_token_discovery_metadata_not_found'],
    ])('refuses %s', async (_what, forgery, reason) => {
      await expectRefused(await withActor(forgery), reason);
    });

    it('takes the keys of the issuer before and after a rotation', async () => {
      harness.directory.keys.set(ACME_AS, [publicJwk(fixedKeys.acme), publicJwk(fixedKeys.acmePrevious)]);
      expect((await withActor({})).status).toBe(200);
      expect((await withActor({ key: fixedKeys.acmePrevious })).status).toBe(200);
      harness.directory.keys.set(ACME_AS, [publicJwk(fixedKeys.acme)]);
    });

    it.each([fixedKeys.ed25519, fixedKeys.rsaPss, fixedKeys.rsa])('takes a token signed with $alg', async (key) => {
      harness.directory.keys.set('https://as.initech.example', [publicJwk(key)]);
      const answer = await withActor({ claims: { iss: 'https://as.initech.example' }, key });
      expect(issuedToken(answer).claims).toMatchObject({ aud: 'https://as.initech.example', act: { iss: 'https://as.initech.example' } });
    });

    it('A44 takes no key that is too small', async () => {
      harness.directory.keys.set('https://as.small.example', [publicJwk({ ...fixedKeys.rsa1024 })]);
      await expectRefused(await withActor({ claims: { iss: 'https://as.small.example' }, key: fixedKeys.rsa1024 }), 'actor_token_unfit_key');
    });
  });

  describe('keys that cannot be had', () => {
    afterEach(() => {
      harness.directory.failure = undefined;
    });

    it.each(['timeout', 'address_forbidden', 'dns_failure', 'tls_failure', 'metadata_malformed', 'issuer_mismatch', 'jwks_status', 'redirect_refused'])(
      'make the token unacceptable after %s, with the one constant answer [T11]',
      async (failure) => {
        harness.directory.failure = failure;
        await expectRefused(await harness.exchange(), `actor_token_discovery_${failure}`);
      },
    );
  });

  describe('A55 time games', () => {
    it.each([
      ['at the skew before it begins', -60, undefined, 200],
      ['one second before that', -61, undefined, 400],
      ['in its last second', 299, undefined, 200],
      ['at its end', 300, undefined, 400],
      ['in the skew after its end, because nothing may outlive it [T16]', 359, undefined, 400],
      ['after the skew', 360, undefined, 400],
      ['that lives as long as it may', 0, 300, 200],
      ['that lives a second longer', 0, 301, 400],
    ])('answers a token %s', async (_what, seconds, lifetime, status) => {
      const start = harness.clock.now();
      const token = harness.resourceClaimsToken({ claims: { exp: start + (lifetime ?? 300) } });
      harness.clock.advance(seconds);
      const answer = await harness.exchange({ actor_token: token });
      harness.clock.set(start);
      expect(answer.status).toBe(status);
      if (status === 400) expect(answer.text).toBe(INVALID_REQUEST);
      if (seconds === 299) expect(answer.json['expires_in']).toBe(1);
    });
  });

  describe('A56 the shape of aud', () => {
    it.each<[string, Forgery]>([
      ['two resources', { claims: { aud: [NOTE_URI, 'https://rs.evil.example/'] } }],
      ['an empty list', { claims: { aud: [] } }],
      ['a list in a list', { claims: { aud: [[NOTE_URI]] } }],
      ['an object', { claims: { aud: { 0: NOTE_URI } } }],
      ['nothing', { claims: { aud: null } }],
      ['no aud', { claims: { aud: undefined } }],
      ['an empty text', { claims: { aud: '' } }],
    ])('refuses %s', async (_what, forgery) => {
      await expectRefused(await withActor(forgery), 'actor_token_bad_claims');
      expect(harness.directory.asked).toEqual([]);
    });

    it('takes a list of one', async () => {
      expect((await withActor({ claims: { aud: [NOTE_URI] } })).status).toBe(200);
    });
  });

  describe('A51 act bombs', () => {
    const nested = (depth: number): string => '{"act":'.repeat(depth) + '{}' + '}'.repeat(depth);
    it.each<[string, unknown]>([
      ['an actor', { sub: 'x' }],
      ['an empty actor', {}],
      ['a text', 'x'],
      ['a list', [{ sub: 'x' }]],
      ['null', null],
      ['three levels', JSON.parse(nested(3))],
    ])('refuses an actor token with %s as act or may_act', async (_what, act) => {
      for (const name of ['act', 'may_act']) {
        await expectRefused(await withActor({ claims: { [name]: act as never } }), 'actor_token_act_not_allowed');
      }
      expect(harness.directory.asked).toEqual([]);
    });

    it('refuses a deep one before it is built, and a huge one before it is read', async () => {
      await expectRefused(await withActor({ claims: { act: JSON.parse(nested(500)) as never } }), 'actor_token_bad_json');
      await expectRefused(await withActor({ claims: { act: JSON.parse(nested(2_000)) as never } }), 'actor_token_malformed');
      expect(harness.directory.asked).toEqual([]);
    });
  });
});

describe('A11 a rogue AS-RO that harvests identities', () => {
  let open: Harness;
  let strict: Harness;
  beforeAll(async () => {
    open = await Harness.start({ settings: { trust: { deny: [EVIL_AS] } } });
    strict = await Harness.start({ settings: { trust: { mode: 'allowlist', allow: [ACME_AS, 'https://as.both.example'], deny: ['https://as.both.example'] } } });
  });
  afterAll(() => Promise.all([open.stop(), strict.stop()]));
  beforeEach(() => [open, strict].forEach((harness) => harness.forget()));

  const expectUnheard = async (harness: Harness, forgery: Forgery, reason = 'actor_issuer_not_allowed'): Promise<void> => {
    const answer = await harness.exchange({ actor_token: harness.resourceClaimsToken(forgery), resource: 'mailto:alice@acme.example' });
    expect(seen(answer)).toEqual([400, INVALID_TARGET]);
    expect(await harness.reasonOf(answer)).toBe(reason);
    expect(harness.directory.asked).toEqual([]);
  };

  it('is refused before anything is fetched when it is on the deny list [T10]', async () => {
    await expectUnheard(open, evilToken);
  });

  it('is refused before anything is fetched when it is not on the allow list [T10]', async () => {
    await expectUnheard(strict, evilToken);
  });

  it('is refused when it is on both lists [T10]', async () => {
    await expectUnheard(strict, { claims: { iss: 'https://as.both.example' }, key: fixedKeys.evil });
  });

  it.each([`${ACME_AS}/`, `${ACME_AS}/tenant`, `${ACME_AS}:8443`, `${ACME_AS}.evil.example`, 'https://acme.example', 'https://sub.as.acme.example'])(
    'is refused when its name is only like one on the allow list: %s [T10]',
    async (iss) => {
      await expectUnheard(strict, { claims: { iss } });
    },
  );

  it.each([
    'http://as.acme.example',
    'https://AS.acme.example',
    'https://as.acme.example:443',
    'https://as.acme.example?x',
    'https://as.acme.example#x',
    'https://as.acme.example@evil.example',
    'https://as.acme.example\\@evil.example',
    'https://127.0.0.1',
    'https://2130706433',
    'https://[::1]:8443',
    'http://127.0.0.1:4110',
    'https://localhost',
    'file:///etc/passwd',
    'acme',
  ])('A37 is refused before anything is fetched when its name is no issuer identifier: %s [T10]', async (iss) => {
    await expectUnheard(open, { claims: { iss } }, 'actor_issuer_unacceptable');
  });

  it('gets no identity for a ticket that names somebody else as audience', async () => {
    const answer = await strict.exchange();
    expect(issuedToken(answer).claims['aud']).toBe(ACME_AS);
    expect((await open.exchange()).status).toBe(200);
  });
});
