import { isPrivateNetwork } from '@uma-federation/federation';
import { z } from 'zod';

/** Configuration field: which strangers' issuers are trusted (Decision D5). What an entry may be is said where the field is. */
export function trustConfiguration() {
  return z
    .strictObject({
      /** `open`: all that are not denied and that discovery vouches for; `allowlist`: only the listed ones. */
      mode: z.enum(['open', 'allowlist']).default('open'),
      allow: z.array(z.string()).default([]),
      /** Wins over everything. */
      deny: z.array(z.string()).default([]),
    })
    .prefault({});
}

/** Configuration field: where strangers may live besides the public Internet. Refused with NODE_ENV=production. */
export function developmentConfiguration() {
  return z
    .strictObject({
      /** Plain http and IP literals on loopback, and where each e-mail domain lives on this machine. */
      addressMap: z.record(z.string(), z.string()).optional(),
      /** CIDR ranges of private addresses where other domains may live, for container networks; https on public names is still needed. */
      privateNetworks: z
        .array(z.string().refine(isPrivateNetwork, { error: 'a CIDR range of private addresses (RFC 1918, RFC 4193) is needed' }))
        .optional(),
    })
    .prefault({});
}
