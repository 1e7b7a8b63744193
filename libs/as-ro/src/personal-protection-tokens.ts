import { ConfiguredSubjectTokens } from '@uma-federation/federation';
import { nodeSha256 } from '@uma-federation/keys';
import type { PersonalProtectionTokens } from '@uma-federation/uma-core';
import type { AsRoParts } from './as-ro-parts.ts';
import type { AsRoConfiguration } from './configuration.ts';

/** What PATs of persons are given with; undefined when the configuration does not allow them. */
export function personalProtectionTokens(configuration: AsRoConfiguration, parts: AsRoParts): PersonalProtectionTokens | undefined {
  const { enabled, accessTokenAudience, refreshLifetime } = configuration.personalProtectionTokens;
  if (!enabled) return undefined;
  const { issuer, keys, clock, randomness, signatures, stores, ownerProvider } = parts;
  return {
    issuer,
    signer: keys.signer,
    clock,
    randomness,
    servedDomains: configuration.emailDomains,
    subjectTokens: new ConfiguredSubjectTokens([{ configured: ownerProvider }], accessTokenAudience ?? issuer, { signatures, clock }),
    consents: stores.consents,
    refreshTokens: stores.protectionRefreshTokens,
    sha256: nodeSha256,
    lifetimeSeconds: configuration.lifetimes.accessToken,
    refreshLifetimeSeconds: refreshLifetime,
  };
}
