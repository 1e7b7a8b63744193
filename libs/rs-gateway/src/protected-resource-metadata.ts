import type { JsonObject } from '@uma-federation/uma-core';
import { DPOP_ALGORITHMS } from './answer.ts';

/** Path of the metadata below the public URL (RFC 9728 3). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The gateway's description of itself as a protected resource (RFC 9728 2). */
export function protectedResourceMetadata(settings: {
  readonly publicUrl: string;
  readonly issuer: string;
  readonly realm: string;
  readonly scopes: readonly string[];
  readonly bindingRequired: boolean;
}): JsonObject {
  return {
    resource: settings.publicUrl,
    resource_name: settings.realm,
    authorization_servers: [settings.issuer],
    bearer_methods_supported: ['header'],
    ...(settings.scopes.length === 0 ? {} : { scopes_supported: settings.scopes }),
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    ...(settings.bindingRequired ? { dpop_bound_access_tokens_required: true } : {}),
  };
}
