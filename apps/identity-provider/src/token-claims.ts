import type { Account, Context, Grant, SignInFacts } from './engine.ts';
import type { People } from './people.ts';

/** Name under which the password grant leaves its sign-in in the request's entities. */
export const PASSWORD_SIGN_IN = 'PasswordSignIn';

/** The account of a subject as oidc-provider wants it: what ID tokens and userinfo may say, filtered there by scope. */
export function accountOf(people: People, subject: string): Account | undefined {
  const person = people.bySubject(subject);
  if (person === undefined) return undefined;
  return { accountId: person.subject, claims: async () => ({ sub: person.subject, ...person.claims }) };
}

/**
 * Claims of an access token beyond those of RFC 9068 2.2: who it is about and how they signed in, whatever the scope, because
 * AS-RqP needs them. In an at+jwt they stand in the token; of an opaque token introspection tells them.
 */
export function accessTokenClaims(people: People, ctx: Context, subject: string): Record<string, unknown> {
  const { [PASSWORD_SIGN_IN]: passwordSignIn, AuthorizationCode, RefreshToken } = ctx.oidc.entities;
  const { acr, amr, authTime } = (passwordSignIn ?? AuthorizationCode ?? RefreshToken ?? {}) as SignInFacts;
  return { ...people.bySubject(subject)?.claims, acr, amr, auth_time: authTime };
}

/** Everybody consents to everything here: the grant of this session and client, widened by what the request asks for. */
export async function grantEverything(ctx: Context): Promise<Grant | undefined> {
  const { client, provider, session, requestParamOIDCScopes, requestParamScopes, resourceServers, result } = ctx.oidc;
  if (session.accountId === undefined) return undefined;
  const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant =
    known?.accountId === session.accountId ? known : new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope([...requestParamOIDCScopes].join(' '));
  for (const resource of Object.keys(resourceServers)) grant.addResourceScope(resource, [...requestParamScopes].join(' '));
  await grant.save();
  return grant;
}
