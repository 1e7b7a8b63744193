import { z } from 'zod';

/** Configuration of the Keycloak alias: `/realms/{realm}/…` answers in Keycloak's dialect. Absent: nothing is there. */
export function keycloakConfiguration() {
  return z.strictObject({
    /** Name of the one realm. */
    realm: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, { error: '1 to 64 of A-Za-z0-9._- are needed' }).refine((realm) => !/^\.{1,2}$/.test(realm)),
    /** What `aud` of a person's access token must contain: how the OpenID Provider calls this server; the issuer identifier by default. */
    accessTokenAudience: z.string().min(1).max(2048).optional(),
    /** Origins of web applications that may call the token endpoint from a browser (CORS). */
    allowedOrigins: z.array(z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).origin === text, { error: 'an origin without path is needed' })).max(100).default([]),
  });
}

export type KeycloakConfiguration = z.output<ReturnType<typeof keycloakConfiguration>>;
