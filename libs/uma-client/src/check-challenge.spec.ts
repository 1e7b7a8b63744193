import { beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer } from '../test/fake-issuer.ts';
import { checkChallenge, type KnownResources } from './check-challenge.ts';
import { checkIdentityClaims } from './check-identity-claims.ts';
import { checkAnsweredResource, checkTokenTarget } from './requesting-party-token.ts';

const AS = 'https://as.acme.example';
const url = new URL('https://rs.acme.example/notes/1');
const nothingKnown: KnownResources = { trustedResourceServers: [], resourcePrefixes: [] };
const pair = { origin: 'https://rs.acme.example', asUri: AS };
const code = (value: string) => expect.objectContaining({ code: value, category: 'duty' });
const HASH = '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU';

let owner: FakeIssuer;
let challenge: { asUri: string; ticket: string; resourceClaimsToken: string };
beforeAll(async () => {
  owner = await FakeIssuer.create(AS);
  challenge = { asUri: AS, ...(await owner.tickets(url.href)) };
});

describe('Client duties on a challenge (protocol.md 1.9)', () => {
  it('accept a challenge for the URL that was requested', () => {
    expect(() => checkChallenge(challenge, url, nothingKnown)).not.toThrow();
  });

  it('(i) refuse one for another resource', () => {
    expect(() => checkChallenge(challenge, new URL('https://rs.acme.example/notes/2'), nothingKnown)).toThrow(code('resource_mismatch'));
    expect(() => checkChallenge(challenge, new URL('https://evil.example/notes/1'), nothingKnown)).toThrow(code('resource_mismatch'));
  });

  it('(ii) refuse one whose token is of another issuer than as_uri, compared code point by code point', () => {
    for (const asUri of ['https://as.evil.example', `${AS}/`, 'https://as.acme.example.evil.example']) {
      expect(() => checkChallenge({ ...challenge, asUri }, url, nothingKnown)).toThrow(code('issuer_mismatch'));
    }
  });

  it('(vi) refuse one without resource claims token, but for a configured pair', () => {
    const stripped = { asUri: AS, ticket: challenge.ticket };
    expect(() => checkChallenge(stripped, url, nothingKnown)).toThrow(code('challenge_stripped'));
    expect(() => checkChallenge(stripped, url, { ...nothingKnown, trustedResourceServers: [{ ...pair, asUri: 'https://other.example' }] })).toThrow(code('challenge_stripped'));
    expect(() => checkChallenge(stripped, url, { ...nothingKnown, trustedResourceServers: [{ ...pair, origin: 'https://rs2.acme.example' }] })).toThrow(code('challenge_stripped'));
    expect(() => checkChallenge(stripped, url, { ...nothingKnown, trustedResourceServers: [pair] })).not.toThrow();
  });

  it('refuse another issuer of a configured resource server, token or not', async () => {
    const evil = await FakeIssuer.create('https://as.evil.example');
    const consistent = { asUri: evil.issuer, ...(await evil.tickets(url.href)) };
    expect(() => checkChallenge(consistent, url, nothingKnown)).not.toThrow();
    expect(() => checkChallenge(consistent, url, { ...nothingKnown, trustedResourceServers: [pair] })).toThrow(code('issuer_mismatch'));
  });

  it.each(['http://as.acme.example', 'https://127.0.0.1:8443', 'http://127.0.0.1:4110', 'https://10.0.0.1', 'ftp://as.acme.example', 'as.acme.example', 'https://as.acme.example/?x=1'])(
    'refuse %s as issuer of a server on the network',
    (asUri) => {
      expect(() => checkChallenge({ ...challenge, asUri }, url, nothingKnown)).toThrow(code('insecure_url'));
    },
  );

  it('refuse a resource over plain http, but for loopback', async () => {
    const plain = new URL('http://rs.acme.example/notes/1');
    expect(() => checkChallenge({ asUri: AS, ticket: 't', resourceClaimsToken: 'r' }, plain, nothingKnown)).toThrow(code('insecure_url'));
    const local = await FakeIssuer.create('http://127.0.0.1:4110');
    const here = new URL('http://127.0.0.1:4130/notes/1');
    const tickets = await local.tickets(here.href);
    expect(() => checkChallenge({ asUri: local.issuer, ...tickets }, here, nothingKnown)).not.toThrow();
  });

  it('refuse another kind of token in the place of the resource claims token', async () => {
    const identity = await owner.identityClaims(AS, HASH);
    for (const resourceClaimsToken of [challenge.ticket, identity, 'a.b.c', '']) {
      expect(() => checkChallenge({ ...challenge, resourceClaimsToken }, url, nothingKnown)).toThrow(code('challenge_malformed'));
    }
  });
});

describe('Client duties on the tokens', () => {
  it('(iii) refuse an identity claims token for another server, and what is none', async () => {
    const token = await owner.identityClaims(AS, HASH);
    expect(() => checkIdentityClaims(token, AS)).not.toThrow();
    expect(() => checkIdentityClaims(token, 'https://as.evil.example')).toThrow(code('audience_mismatch'));
    expect(() => checkIdentityClaims(token, `${AS}/`)).toThrow(code('audience_mismatch'));
    expect(() => checkIdentityClaims(challenge.resourceClaimsToken, AS)).toThrow(code('unexpected_token'));
    expect(() => checkIdentityClaims('opaque', AS)).toThrow(code('unexpected_token'));
  });

  it('(v) refuse to send an RPT to another origin', () => {
    const token = { token: 't', scheme: 'DPoP', origin: 'https://rs.acme.example' } as const;
    expect(() => checkTokenTarget(token, url)).not.toThrow();
    for (const other of ['https://rs2.acme.example/notes/1', 'http://rs.acme.example/notes/1', 'https://rs.acme.example:8443/']) {
      expect(() => checkTokenTarget(token, new URL(other))).toThrow(code('resource_mismatch'));
    }
  });

  it('refuse an RPT that its server calls one for another resource server', () => {
    expect(() => checkAnsweredResource('https://rs.acme.example/', url)).not.toThrow();
    expect(() => checkAnsweredResource(undefined, url)).not.toThrow();
    expect(() => checkAnsweredResource('https://rs2.acme.example/', url)).toThrow(code('resource_mismatch'));
    expect(() => checkAnsweredResource('rs', url)).toThrow(code('resource_mismatch'));
  });
});
