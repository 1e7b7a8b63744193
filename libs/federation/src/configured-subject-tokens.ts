import {
  DiscoveryFailure,
  temporarilyUnavailable,
  TokenFault,
  unverifiedIssuer,
  verifySubjectAccessToken,
  verifySubjectIdToken,
  type SubjectClaims,
  type SubjectTokens,
  type SubjectTokenType,
  type VerifyDependencies,
} from '@uma-federation/uma-core';
import type { ConfiguredIssuer } from './configured-issuer.ts';
import type { ConfiguredPeer } from './configured-peer.ts';
import { readIntrospectedSubject } from './introspected-subject.ts';
import { PeerFailure } from './peer-failure.ts';

/** A configured OpenID Provider, and how to ask it about opaque tokens. */
export interface IdentityProvider {
  readonly configured: ConfiguredIssuer;
  readonly introspection?: { readonly peer: ConfiguredPeer; readonly clientId: string; readonly clientSecret: string; readonly audiences: readonly string[] } | undefined;
}

/** Subject tokens of the configured identity providers (Decision D12): access tokens (at+jwt, or opaque with introspection), ID tokens, JWTs. */
export class ConfiguredSubjectTokens implements SubjectTokens {
  readonly #providers: readonly IdentityProvider[];
  /** The audience that an access token must have: how the providers call us, for example our issuer identifier. */
  readonly #audience: string;
  readonly #deps: VerifyDependencies;

  constructor(providers: readonly IdentityProvider[], audience: string, deps: VerifyDependencies) {
    this.#providers = providers;
    this.#audience = audience;
    this.#deps = deps;
  }

  /** @inheritdoc */
  async verify(token: string, type: SubjectTokenType, clientId: string): Promise<SubjectClaims> {
    const named = unverifiedIssuer(token);
    if (named === undefined) {
      // RFC 8693 3: an access token is opaque to everybody but its issuer; id_token and jwt are JWTs.
      if (type !== 'access_token') throw new TokenFault('malformed');
      return this.#introspect(token);
    }
    const provider = this.#providers.find(({ configured }) => configured.issuer === named.issuer);
    if (provider === undefined) throw new TokenFault('issuer_not_configured');
    const { issuer, keys } = provider.configured;
    try {
      // `jwt` says only the format: the header's typ says whether it is an access token (RFC 9068 2.1).
      const isAccessToken = type === 'access_token' || (type === 'jwt' && named.type.endsWith('at+jwt'));
      return isAccessToken
        ? await verifySubjectAccessToken(named.jws, { issuer, audience: this.#audience, keys }, this.#deps)
        : await verifySubjectIdToken(named.jws, { issuer, clientId, keys }, this.#deps);
    } catch (error) {
      // The domain's own provider is down: that is our outage, not the client's fault.
      if (error instanceof DiscoveryFailure) throw temporarilyUnavailable('identity_provider_unavailable', 5, error.reason);
      throw error;
    }
  }

  /** Asks every provider that can be asked, in configured order, until one knows the token (RFC 7662). */
  async #introspect(token: string): Promise<SubjectClaims> {
    if (token.length > 4096 || !/^[\x21-\x7e]+$/.test(token)) throw new TokenFault('malformed');
    for (const { configured, introspection } of this.#providers) {
      if (introspection === undefined) continue;
      const subject = readIntrospectedSubject(await ask(configured, introspection, token), configured.issuer, [this.#audience, ...introspection.audiences], this.#deps.clock.now());
      if (subject !== undefined) return subject;
    }
    throw new TokenFault('opaque_token_unknown');
  }
}

async function ask(configured: ConfiguredIssuer, introspection: NonNullable<IdentityProvider['introspection']>, token: string): Promise<unknown> {
  const { peer, clientId, clientSecret } = introspection;
  // RFC 6749 2.3.1: id and secret are form-encoded before they are base64-encoded.
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
  try {
    const url = await configured.endpoint('introspection_endpoint');
    const answer = await peer.postForm(url, { token, token_type_hint: 'access_token' }, { authorization: `Basic ${credentials}` });
    // Some providers refuse the form of a token (400 unsupported_token_type): that is no answer about us, the token is simply not theirs.
    if (answer.status === 400) return undefined;
    if (answer.status !== 200) throw temporarilyUnavailable('introspection_refused', 5, String(answer.status));
    return answer.json;
  } catch (error) {
    if (error instanceof PeerFailure || error instanceof DiscoveryFailure) throw temporarilyUnavailable('identity_provider_unavailable', 5, error.reason);
    throw error;
  }
}
