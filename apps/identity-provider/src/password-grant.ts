import { acrDemand, authenticationContext, satisfies } from './authentication-context.ts';
import { PASSWORD_GRANT } from './clients.ts';
import {
  buildTokenResponse,
  checkDpopReplay,
  checkDpopRequired,
  errors,
  resolveRequestedResources,
  validateClientScope,
  validateDpop,
} from './engine.ts';
import type { Context, Grant, Provider, ResourceServer, SignInFacts } from './engine.ts';
import { unmetAuthenticationRequirements } from './interaction-policy.ts';
import type { People, Person } from './people.ts';
import { PASSWORD_SIGN_IN, accountOf } from './token-claims.ts';

const PARAMETERS = ['username', 'password', 'otp', 'scope', 'acr_values', 'resource'];

/**
 * Adds the resource owner password credentials grant (RFC 6749 4.3) for scripts, with `otp` for the one-time code and with
 * `acr_values` and `resource` as in an authorization request. It answers the access token that a code would give, DPoP-bound when
 * the request carries a proof (RFC 9449 5), and an ID token when the scope has `openid`. RFC 9700 2.4: the grant MUST NOT be used;
 * this provider has it because it is for development only.
 */
export function registerPasswordGrant(provider: Provider, people: People): void {
  provider.registerGrantType(PASSWORD_GRANT, async (ctx) => answer(provider, people, ctx), PARAMETERS);
}

async function answer(provider: Provider, people: People, ctx: Context): Promise<void> {
  const { client } = ctx.oidc;
  const proof = await validateDpop(provider, ctx);
  checkDpopRequired(provider, ctx, proof);
  const scopes = validateClientScope(provider, ctx);
  const resourceServer = await onlyResource(provider, ctx);
  const { person, facts } = signIn(people, ctx);
  ctx.oidc.entity(PASSWORD_SIGN_IN, facts);
  ctx.oidc.entity('Account', accountOf(people, person.subject));

  const grant = new provider.Grant({ accountId: person.subject, clientId: client.clientId });
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  if (resourceServer !== undefined) grant.addResourceScope(resourceServer.identifier(), [...scopes].join(' '));
  const token = new provider.AccessToken({
    accountId: person.subject,
    client,
    grantId: await grant.save(),
    gty: PASSWORD_GRANT,
  });
  token.scope = tokenScope(grant, scopes, resourceServer);
  if (resourceServer !== undefined) token.resourceServer = resourceServer;
  if (proof !== undefined) {
    await checkDpopReplay(provider, ctx, proof, client.clientId);
    token.setThumbprint('jkt', proof.thumbprint);
  }
  ctx.oidc.entity('AccessToken', token);
  ctx.body = buildTokenResponse(provider, {
    accessToken: await token.save(),
    expiresIn: token.expiration,
    tokenType: token.tokenType,
    scope: token.scope === '' ? undefined : token.scope,
    idToken: scopes.has('openid') ? await idToken(provider, ctx, grant, person, facts) : undefined,
  });
}

function signIn(people: People, ctx: Context): { person: Person; facts: SignInFacts } {
  const { username, password, otp, acr_values: acrValues } = ctx.oidc.params;
  if (username === undefined || password === undefined) throw new errors.InvalidRequest('username and password are required');
  const person = people.signIn(username, password, otp);
  // RFC 6749 5.2: invalid_grant for "resource owner credentials" that are invalid; which of them was wrong stays inside.
  if (person === undefined) throw new errors.InvalidGrant('unknown person, wrong password or wrong one-time code');
  const context = authenticationContext(otp !== undefined);
  if (!satisfies(acrDemand(acrValues), context.acr)) throw unmetAuthenticationRequirements();
  return { person, facts: { ...context, authTime: Math.floor(Date.now() / 1000) } };
}

async function onlyResource(provider: Provider, ctx: Context): Promise<ResourceServer | undefined> {
  const [first, ...others] = await resolveRequestedResources(provider, ctx);
  if (others.length > 0) throw new errors.InvalidTarget();
  return first;
}

function tokenScope(grant: Grant, scopes: Set<string>, resourceServer: ResourceServer | undefined): string {
  if (resourceServer === undefined) return grant.getOIDCScopeFiltered(scopes);
  const available = new Set(resourceServer.scope.split(' '));
  return [...scopes].filter((scope) => available.has(scope)).join(' ');
}

async function idToken(provider: Provider, ctx: Context, grant: Grant, person: Person, facts: SignInFacts): Promise<string> {
  const { acr, amr, authTime } = facts;
  const token = new provider.IdToken({ ...person.claims, sub: person.subject, acr, amr, auth_time: authTime }, { ctx });
  token.scope = grant.getOIDCScopeFiltered(ctx.oidc.requestParamOIDCScopes);
  return token.issue({ use: 'idtoken' });
}
