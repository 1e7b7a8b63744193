import type { Manifest } from './manifest.ts';

/** Tokens of a person, from the development identity provider of their domain. */
export interface PersonTokens {
  readonly accessToken: string;
  readonly idToken: string;
}

/**
 * Signs a person of the demo in with the password grant, which only a development identity provider answers.
 * @throws Error when the person is unknown or the provider refuses
 */
export async function signIn(manifest: Manifest, email: string): Promise<PersonTokens> {
  const domain = Object.values(manifest.domains).find(({ people }) => people.some((person) => person.email === email));
  const person = domain?.people.find((candidate) => candidate.email === email);
  if (domain === undefined || person === undefined) throw new Error('there is no such person in the demo');
  const { clientId, clientSecret } = manifest.clients.confidential;
  const response = await fetch(`${domain.identityProvider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'password', username: email, password: person.password, scope: 'openid email profile' }),
    signal: AbortSignal.timeout(5000),
  });
  const body = (await response.json()) as { access_token?: string; id_token?: string; error?: string };
  if (body.access_token === undefined || body.id_token === undefined) throw new Error(`the identity provider answered ${response.status} ${body.error ?? ''}`);
  return { accessToken: body.access_token, idToken: body.id_token };
}
