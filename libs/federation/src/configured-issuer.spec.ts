import { beforeEach, describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type JsonObject } from '@uma-federation/uma-core';
import { ecKey, StandingClock } from '../test/fakes.ts';
import { createConfiguredIssuer, type ConfiguredIssuer } from './configured-issuer.ts';
import type { ConfiguredPeer, PeerAnswer, PeerRequest } from './configured-peer.ts';
import { PeerFailure } from './peer-failure.ts';

const ISSUER = 'https://login.globex.example/realm';
const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const JWKS = 'https://login.globex.example/realm/keys';
const DOCUMENT: JsonObject = { issuer: ISSUER, jwks_uri: JWKS, introspection_endpoint: 'https://login.globex.example/realm/introspect' };

/** A peer on made-up answers; a string is the reason of a PeerFailure. */
class FakePeer implements ConfiguredPeer {
  readonly asked: string[] = [];
  answers: Record<string, string | { status?: number; json?: JsonObject }> = { [METADATA]: { json: DOCUMENT }, [JWKS]: { json: { keys: [ecKey('a')] } } };

  async request({ url }: PeerRequest): Promise<PeerAnswer> {
    this.asked.push(url);
    await new Promise(setImmediate);
    const answer = this.answers[url] ?? { status: 404 };
    if (typeof answer === 'string') throw new PeerFailure(answer);
    return { status: 200, headers: {}, ...answer };
  }

  async postForm(): Promise<PeerAnswer> {
    throw new Error('nothing is posted here');
  }

  async close(): Promise<void> {
    return undefined;
  }
}

describe('createConfiguredIssuer', () => {
  let clock: StandingClock;
  let peer: FakePeer;
  let configured: ConfiguredIssuer;
  beforeEach(() => {
    clock = new StandingClock();
    peer = new FakePeer();
    configured = createConfiguredIssuer(ISSUER, METADATA, peer, clock);
  });
  const introspection = (): Promise<string> => configured.endpoint('introspection_endpoint');
  const reasonOf = async (answer: Promise<unknown>): Promise<string> => {
    const outcome = await answer.catch((error: unknown) => error);
    return outcome instanceof DiscoveryFailure ? outcome.reason : `no refusal: ${String(outcome)}`;
  };

  it('asks nobody before something is wanted', () => {
    expect(configured.issuer).toBe(ISSUER);
    expect(peer.asked).toEqual([]);
  });

  it('keeps the metadata for 10 minutes', async () => {
    expect(await introspection()).toBe(DOCUMENT['introspection_endpoint']);
    clock.advance(599);
    expect(await introspection()).toBe(DOCUMENT['introspection_endpoint']);
    expect(peer.asked).toEqual([METADATA]);
    clock.advance(1);
    peer.answers[METADATA] = { json: { ...DOCUMENT, introspection_endpoint: `${ISSUER}/new` } };
    expect(await introspection()).toBe(`${ISSUER}/new`);
    expect(peer.asked).toEqual([METADATA, METADATA]);
  });

  it('finds keys at the jwks_uri of the metadata, with one request each for any number of concurrent callers', async () => {
    const found = await Promise.all(Array.from({ length: 50 }, async () => [await configured.keys.find('a', 'ES256'), await introspection()] as const));
    expect(found.every(([key, url]) => key?.kid === 'a' && url === DOCUMENT['introspection_endpoint'])).toBe(true);
    expect(peer.asked).toEqual([METADATA, JWKS]);
  });

  it('remembers a failure of the metadata for 2 s, for endpoints and keys alike', async () => {
    peer.answers[METADATA] = 'connection_failure';
    const outcomes = await Promise.all([reasonOf(introspection()), reasonOf(introspection()), reasonOf(configured.keys.find('a', 'ES256'))]);
    expect(outcomes).toEqual(Array(3).fill('peer_connection_failure'));
    peer.answers[METADATA] = { json: DOCUMENT };
    clock.advance(1);
    expect(await reasonOf(introspection())).toBe('peer_connection_failure');
    expect(await reasonOf(configured.keys.find('a', 'ES256'))).toBe('peer_connection_failure');
    expect(peer.asked).toEqual([METADATA]);
    clock.advance(1);
    expect((await configured.keys.find('a', 'ES256'))?.kid).toBe('a');
    expect(peer.asked).toEqual([METADATA, METADATA, JWKS]);
  });

  it('remembers a failure of the keys for 2 s, while endpoints stay known', async () => {
    peer.answers[JWKS] = 'timeout';
    expect(await reasonOf(configured.keys.find('a', 'ES256'))).toBe('peer_timeout');
    peer.answers[JWKS] = { json: { keys: [ecKey('a')] } };
    clock.advance(1);
    expect(await reasonOf(configured.keys.find('a', 'ES256'))).toBe('peer_timeout');
    expect(await introspection()).toBe(DOCUMENT['introspection_endpoint']);
    clock.advance(1);
    expect((await configured.keys.find('a', 'ES256'))?.kid).toBe('a');
    expect(peer.asked).toEqual([METADATA, JWKS, JWKS]);
  });

  it('uses no metadata that has grown old when it cannot be had again', async () => {
    await introspection();
    clock.advance(600);
    peer.answers[METADATA] = 'timeout';
    expect(await reasonOf(introspection())).toBe('peer_timeout');
  });

  it.each<[string, { status?: number; json?: JsonObject }, string]>([
    ['status 404', { status: 404 }, 'metadata_status'],
    ['another status than 200 and a good document', { status: 203, json: DOCUMENT }, 'metadata_status'],
    ['no JSON', {}, 'metadata_malformed'],
    ['no issuer', { json: { jwks_uri: JWKS } }, 'metadata_malformed'],
    ['an issuer that has a slash more', { json: { ...DOCUMENT, issuer: `${ISSUER}/` } }, 'issuer_mismatch'],
    ['the issuer of another tenant', { json: { ...DOCUMENT, issuer: 'https://login.globex.example/other' } }, 'issuer_mismatch'],
    ['no such member', { json: { issuer: ISSUER } }, 'metadata_member_missing'],
    ['a member that is no string', { json: { ...DOCUMENT, introspection_endpoint: [ISSUER] } }, 'metadata_member_missing'],
  ])('A41 refuses metadata with %s', async (_what, answer, reason) => {
    peer.answers[METADATA] = answer;
    expect(await reasonOf(introspection())).toBe(reason);
  });

  it.each([
    'https://collector.example/introspect',
    'https://login.globex.example.evil.example/introspect',
    'https://login.globex.example@evil.example/introspect',
    'https://login.globex.example:8443/introspect',
    'http://login.globex.example/introspect',
    '/realm/introspect',
    'javascript:alert(1)',
    '',
  ])('gives out no endpoint but one on the own origin, not %p', async (url) => {
    peer.answers[METADATA] = { json: { ...DOCUMENT, introspection_endpoint: url, jwks_uri: url } };
    expect(await reasonOf(introspection())).toBe('endpoint_of_another_origin');
    expect(await reasonOf(configured.keys.find('a', 'ES256'))).toBe('endpoint_of_another_origin');
    expect(peer.asked).toEqual([METADATA]);
  });
});
