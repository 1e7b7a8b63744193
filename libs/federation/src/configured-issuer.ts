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
   * A member of its metadata that is a URL on its own origin, such as `introspection_endpoint`.
   * @throws DiscoveryFailure when the metadata cannot be had, is another issuer's, or lacks the member
   */
  endpoint(name: string): Promise<string>;
}

const METADATA_SECONDS = 600;
const NEGATIVE_SECONDS = 2;
const Metadata = z.looseObject({ issuer: z.string() });

/**
 * Reads metadata and keys of a configured issuer over a configured peer.
 * @param issuer the issuer identifier; the document's `issuer` must be identical (RFC 8414 3.3)
 * @param metadataUrl where its metadata is, for example `{issuer}/.well-known/openid-configuration`
 * @param peer an HTTP client that may talk to the issuer's origin
 */
export function createConfiguredIssuer(issuer: string, metadataUrl: string, peer: ConfiguredPeer, clock: Clock): ConfiguredIssuer {
  let known: { readonly document: z.infer<typeof Metadata>; readonly until: number } | undefined;
  const fetchJson = jsonFrom(peer);
  const endpoint = async (name: string): Promise<string> => {
    if (known === undefined || clock.now() >= known.until) {
      const answer = await fetchJson(metadataUrl, { accept: ['application/json'] });
      known = { document: readMetadata(answer.status, answer.json, issuer), until: clock.now() + METADATA_SECONDS };
    }
    const url = known.document[name];
    if (typeof url !== 'string' || !URL.canParse(url)) throw new DiscoveryFailure('metadata_member_missing');
    return url;
  };
  const remote = new RemoteKeys(fetchJson, clock, NEGATIVE_SECONDS);
  return { issuer, endpoint, keys: { find: (keyId, algorithm) => remote.find(keyId, algorithm, () => endpoint('jwks_uri')) } };
}

function readMetadata(status: number, json: JsonValue | undefined, issuer: string): z.infer<typeof Metadata> {
  const parsed = Metadata.safeParse(json);
  if (status !== 200 || !parsed.success) throw new DiscoveryFailure('metadata_malformed');
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
