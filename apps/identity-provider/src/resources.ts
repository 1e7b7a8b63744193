import type { CheckedConfig } from './config.ts';
import { errors } from './engine.ts';
import type { Client, Context, ResourceServerInfo } from './engine.ts';

/** Resource indicator (RFC 8707) that gives an opaque access token, to be understood by introspection (RFC 7662). */
export const OPAQUE_RESOURCE = 'urn:uma-federation:opaque';

/** Scope that gives an access token for this provider's own userinfo endpoint, and for nothing else. */
export const USERINFO_SCOPE = 'userinfo';

/**
 * Which resource an access token is for. Without a `resource` parameter that is AS-RqP, so that a plain sign-in gives an at+jwt
 * (RFC 9068) AS-RqP takes as subject token; its `aud` then bars it from the userinfo endpoint, hence the scope of that name.
 */
export function resourceIndicators(config: CheckedConfig): object {
  const { accessTokenAudience, accessTokenLifetimeSeconds } = config;
  const common = { scope: 'openid email profile', accessTokenTTL: accessTokenLifetimeSeconds };
  const known = new Map<string, ResourceServerInfo>([
    [accessTokenAudience, { ...common, audience: accessTokenAudience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }],
    [OPAQUE_RESOURCE, { ...common, audience: OPAQUE_RESOURCE, accessTokenFormat: 'opaque' }],
  ]);
  return {
    enabled: true,
    defaultResource: (ctx: Context, _client: Client, oneOf?: readonly string[]) => {
      if (oneOf !== undefined) return oneOf.includes(accessTokenAudience) ? accessTokenAudience : oneOf[0];
      return ctx.oidc.requestParamScopes.has(USERINFO_SCOPE) ? undefined : accessTokenAudience;
    },
    useGrantedResource: () => true,
    getResourceServerInfo: (_ctx: Context, resource: string) => {
      const info = known.get(resource);
      if (info === undefined) throw new errors.InvalidTarget();
      return info;
    },
  };
}
