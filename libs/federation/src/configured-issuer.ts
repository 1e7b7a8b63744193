import { DiscoveryFailure, type Clock, type JsonValue, type VerificationKeys } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { ConfiguredPeer } from './configured-peer.ts';
import { PeerFailure } from './peer-failure.ts';
import { RemoteKeys, type FetchJson } from './remote-keys.ts';

/** An issuer that the configuration names: the domain's own OpenID Provider, or a gateway's AS-RO. Not for strangers. */
export interface ConfiguredIssuer {
  readonly issuer: string;
  /** Its keys; fetched on first use, kept as `RemoteKeys` says. Failures are DiscoveryFailures and remembered for 2 s only. */
  readonly keys: VerificationKeys;
  /**
   * A member of its metadata that is a URL on its own origin, such as `introspection_endpoint`. The metadata is kept for 10 minutes, a
   * failure to get it for 2 s, and concurrent callers share one request.
   * @throws DiscoveryFailure when the metadata cannot be had or is another issuer's (`issuer_mismatch`), when it lacks the member
   *   (`metadata_member_missing`), or when the member is no URL on the issuer's origin (`endpoint_of_another_origin`)
   */
  endpoint(name: string): Promise<string>;
}

const METADATA_SECONDS = 600;
/** Long enough that an outage costs one request and not one per caller, short enough that nobody notices when it is over. */
const NEGATIVE_SECONDS = 2;
const Metadata = z.looseObject({ issuer: z.string() });
type Metadata = z.infer<typeof Metadata>;

type Known = ({ readonly document: Metadata } | { readonly failure: DiscoveryFailure }) & { readonly until: number };

/**
 * Reads metadata and keys of a configured issuer over a configured peer.
 * @param issuer the issuer identifier, an http or https URL; the document's `issuer` must be identical (RFC 8414 3.3)
 * @param metadataUrl where its metadata is, for example `{issuer}/.well-known/openid-configuration`
 * @param peer an HTTP client that may talk to the issuer's origin
 */
export function createConfiguredIssuer(issuer: string, metadataUrl: string, peer: ConfiguredPeer, clock: Clock): ConfiguredIssuer {
  const { origin } = new URL(issuer);
  const fetchJson = jsonFrom(peer);
  let known: Known | undefined;
  let flight: Promise<Metadata> | undefined;
  const load = async (): Promise<Metadata> => {
    try {
      const { status, json } = await fetchJson(metadataUrl, { accept: ['application/json'] });
      const document = readMetadata(status, json, issuer);
      known = { document, until: clock.now() + METADATA_SECONDS };
      return document;
    } catch (error) {
      if (error instanceof DiscoveryFailure) known = { failure: error, until: clock.now() + NEGATIVE_SECONDS };
      throw error;
    }
  };
  const metadata = async (): Promise<Metadata> => {
    if (known !== undefined && clock.now() < known.until) {
      if ('failure' in known) throw new DiscoveryFailure(known.failure.reason, { cause: known.failure });
      return known.document;
    }
    flight ??= load().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  const endpoint = async (name: string): Promise<string> => {
    const url = (await metadata())[name];
    if (typeof url !== 'string') throw new DiscoveryFailure('metadata_member_missing');
    // Our credentials for one provider go to no other, also when the peer may talk to both.
    if (!URL.canParse(url) || new URL(url).origin !== origin) throw new DiscoveryFailure('endpoint_of_another_origin');
    return url;
  };
  const remote = new RemoteKeys(fetchJson, clock, NEGATIVE_SECONDS);
  return { issuer, endpoint, keys: { find: (keyId, algorithm) => remote.find(keyId, algorithm, () => endpoint('jwks_uri')) } };
}

function readMetadata(status: number, json: JsonValue | undefined, issuer: string): Metadata {
  if (status !== 200) throw new DiscoveryFailure('metadata_status');
  const parsed = Metadata.safeParse(json);
  if (!parsed.success) throw new DiscoveryFailure('metadata_malformed');
  if (parsed.data.issuer !== issuer) throw new DiscoveryFailure('issuer_mismatch');
  return parsed.data;
}

/** A configured peer in the shape of a fetch of JSON documents; its failures are failures of discovery. */
function jsonFrom(peer: ConfiguredPeer): FetchJson {
  return async (url, { accept }) => {
    try {
      const answer = await peer.request({ method: 'GET', url, headers: { accept: accept.join(', ') } });
      return { ...answer, url };
    } catch (cause) {
      if (cause instanceof PeerFailure) throw new DiscoveryFailure(`peer_${cause.reason}`, { cause });
      throw cause;
    }
  };
}
