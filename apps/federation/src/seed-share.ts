import { SEEDED_SHARE, type Manifest } from './manifest.ts';
import { signIn } from './person-session.ts';

const REGISTRATION_PATIENCE_MS = 10_000;

/**
 * Alice shares her first note with Bob, through the owner API, as a person would.
 * @throws Error when her note is not registered in time or the owner API refuses
 */
export async function seedShare(manifest: Manifest): Promise<void> {
  const { acme } = manifest.domains;
  const { idToken } = await signIn(manifest, SEEDED_SHARE.owner);
  const resourceId = await findResource(`${acme.ownerApi.url}/resources`, `${acme.gateway.url}${SEEDED_SHARE.path}`, idToken);
  const response = await fetch(`${acme.ownerApi.url}/shares`, {
    method: 'POST',
    headers: { authorization: `Bearer ${idToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resource_id: resourceId, scopes: SEEDED_SHARE.scopes, grantee: { email: SEEDED_SHARE.grantee } }),
    signal: AbortSignal.timeout(5000),
  });
  if (response.status !== 201) throw new Error(`the owner API answered ${response.status} to the new share`);
}

/** The gateway registers its resources by itself, shortly after it listens. */
async function findResource(url: string, uri: string, idToken: string): Promise<string> {
  const deadline = Date.now() + REGISTRATION_PATIENCE_MS;
  for (;;) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${idToken}` }, signal: AbortSignal.timeout(5000) });
    if (response.status !== 200) throw new Error(`the owner API answered ${response.status} to the list of resources`);
    const { resources } = (await response.json()) as { resources: { _id: string; uri?: string }[] };
    const found = resources.find((resource) => resource.uri === uri);
    if (found !== undefined) return found._id;
    if (Date.now() > deadline) throw new Error('the gateway did not register the note in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
