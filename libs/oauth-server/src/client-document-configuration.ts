import { GRANT_TYPES, PROTECTION_SCOPE } from '@uma-federation/uma-core';
import { z } from 'zod';
import { trustConfiguration } from './discovery-configuration.ts';

/**
 * Configuration field: clients whose id is the URL of their metadata document (draft-ietf-oauth-client-id-metadata-document). What they may do is
 * said here and not in their documents.
 * @param grantTypes what they may use unless the configuration says otherwise
 */
export function clientDocumentConfiguration(grantTypes: readonly string[]) {
  return z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Whose documents count: host names, compared whole. */
      hosts: trustConfiguration(),
      /** Full names of the grant types that these clients may use. */
      grantTypes: z
        .array(z.string().min(1))
        .default([...grantTypes])
        .refine((names) => !names.includes(GRANT_TYPES.clientCredentials), { error: 'a client that nobody here knows gets no token of its own' }),
      /** Scopes that these clients are pre-registered for (UMA Grant 3.3.4). */
      scopes: z
        .array(z.string().min(1))
        .default([])
        .refine((scopes) => !scopes.includes(PROTECTION_SCOPE), { error: `${PROTECTION_SCOPE} is for configured clients` }),
      /** Refuse uma-ticket requests of these clients without `resource` (protocol.md 1.9 duty vii). */
      requireResource: z.boolean().default(true),
    })
    .prefault({});
}

export type ClientDocumentConfiguration = z.output<ReturnType<typeof clientDocumentConfiguration>>;
