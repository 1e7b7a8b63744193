import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { SUPPORTED_ACRS } from './authentication-context.ts';
import { clientMetadata } from './clients.ts';
import type { CheckedConfig } from './config.ts';
import type { Client, Context } from './engine.ts';
import { interactionPath } from './interaction-pages.ts';
import { interactionRules } from './interaction-policy.ts';
import { memoryState } from './memory-state.ts';
import { errorPage, signOutPage, signedOutPage } from './pages/plain-pages.ts';
import { sendPage } from './pages/page.ts';
import type { People } from './people.ts';
import { USERINFO_SCOPE, resourceIndicators } from './resources.ts';
import { accessTokenClaims, accountOf, grantEverything } from './token-claims.ts';

const HOUR_SECONDS = 60 * 60;

/** The settings of oidc-provider. Each default that would print a notice is answered here. */
export function providerSettings(config: CheckedConfig, people: People, keys: { keys: JWK[] }, displayName: string): Record<string, unknown> {
  return {
    adapter: memoryState(),
    clients: clientMetadata(config),
    jwks: keys,
    cookies: cookies(config),
    routes: {
      authorization: '/authorize',
      introspection: '/token/introspect',
      pushed_authorization_request: '/par',
      registration: '/register',
      revocation: '/token/revoke',
      userinfo: '/userinfo',
      end_session: '/sign-out',
    },
    acrValues: SUPPORTED_ACRS,
    scopes: ['openid', 'offline_access', USERINFO_SCOPE],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      email: ['email', 'email_verified'],
      profile: people.claimNames().filter((name) => name !== 'email' && name !== 'email_verified'),
    },
    // ID tokens carry the claims of the scopes even though there is a userinfo endpoint: AS-RqP takes them as subject tokens.
    conformIdTokenClaims: false,
    features: features(config, displayName),
    findAccount: (_ctx: Context, subject: string) => accountOf(people, subject),
    extraTokenClaims: (ctx: Context, token: { kind: string; accountId: string }) =>
      token.kind === 'AccessToken' ? accessTokenClaims(people, ctx, token.accountId) : undefined,
    loadExistingGrant: grantEverything,
    interactions: { policy: interactionRules(), url: (_ctx: Context, interaction: { uid: string }) => interactionPath(interaction) },
    clientBasedCORS: (_ctx: Context, origin: string, client: Client) => client.redirectUris.some((uri) => URL.parse(uri)?.origin === origin),
    ttl: lifetimes(config),
    renderError: (ctx: Context, out: { error: string; error_description?: string }) =>
      sendPage(ctx, ctx.status, displayName, errorPage(out.error, out.error_description ?? 'The request was refused.')),
    // Anybody may register here, so nothing that a registration names is ever fetched; keys come by value (`jwks`).
    fetch: async () => {
      throw new Error('the development identity provider fetches nothing');
    },
  };
}

/** Cookies are not separated by port (RFC 6265 8.5), and the demo runs two providers on one address. */
function cookies(config: CheckedConfig): object {
  const prefix = `idp-${createHash('sha256').update(config.issuer).digest('hex').slice(0, 8)}`;
  const options = { httpOnly: true, sameSite: 'lax', signed: true };
  return {
    keys: config.cookieKeys,
    names: { session: `${prefix}-session`, interaction: `${prefix}-interaction`, resume: `${prefix}-resume` },
    long: options,
    short: options,
  };
}

function features(config: CheckedConfig, displayName: string): object {
  const introspectors = new Set(config.introspectionClients.map(({ clientId }) => clientId));
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true, allowedPolicy: (_ctx: Context, client: Client, token: { clientId: string }) => token.clientId === client.clientId },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx: Context, client: Client, token: { clientId: string }) =>
        introspectors.has(client.clientId) || (client.clientAuthMethod !== 'none' && token.clientId === client.clientId),
    },
    resourceIndicators: resourceIndicators(config),
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx: Context, form: string) => sendPage(ctx, 200, displayName, signOutPage(form)),
      postLogoutSuccessSource: (ctx: Context) => sendPage(ctx, 200, displayName, signedOutPage()),
    },
  };
}

function lifetimes(config: CheckedConfig): object {
  return {
    AccessToken: config.accessTokenLifetimeSeconds,
    AuthorizationCode: 60,
    Grant: 24 * HOUR_SECONDS,
    IdToken: config.accessTokenLifetimeSeconds,
    Interaction: HOUR_SECONDS,
    RefreshToken: 24 * HOUR_SECONDS,
    Session: 12 * HOUR_SECONDS,
  };
}
