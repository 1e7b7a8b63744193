import { secret } from '@uma-federation/nest-kit';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { z } from 'zod';

const SELF_SERVICE = [GRANT_TYPES.umaTicket, GRANT_TYPES.tokenExchange, GRANT_TYPES.refreshToken] as const;

/** Configuration field: dynamic registration of clients (RFC 7591, RFC 7592). */
export function registrationConfiguration() {
  return z
    .strictObject({
      /** `closed`: there is no such endpoint. `token`: for holders of an initial access token. `open`: for everybody. */
      mode: z.enum(['closed', 'token', 'open']).default('closed'),
      /** Initial access tokens (RFC 7591 1.2): 256 random bits or more, only their hashes are kept in memory. Each may be used any number of times. */
      initialAccessTokens: z.array(secret({ minLength: 32 })).default([]),
      /** What clients may register themselves for. A token of their own (client_credentials) is for configured clients. */
      grantTypes: z
        .array(z.enum(SELF_SERVICE))
        .min(1)
        .default([...SELF_SERVICE]),
      /** Refuse uma-ticket requests of these clients without `resource` (protocol.md 1.9 duty vii). */
      requireResource: z.boolean().default(true),
      /** Registrations per minute of one source address. */
      perSource: z.int().positive().default(10),
      /** How many clients may be registered. */
      maxClients: z.int().positive().default(10_000),
    })
    .refine(({ mode, initialAccessTokens }) => (mode === 'token') === initialAccessTokens.length > 0, {
      error: 'initialAccessTokens and mode: token go together',
    })
    .prefault({});
}

export type RegistrationConfiguration = z.output<ReturnType<typeof registrationConfiguration>>;
