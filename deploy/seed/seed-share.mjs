// Alice shares her first note with Bob through the owner API, as a person would. Does nothing when she has done so.
// Usage: node seed-share.mjs MANIFEST      (docs/operations/manifest.md)
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const OWNER = 'alice@acme.example';
const SHARE = { scopes: ['view'], grantee: { email: 'bob@globex.example' } };
const PATIENCE_MS = 30_000;
const TIMEOUT_MS = 5_000;

const manifest = JSON.parse(await readFile(process.argv[2], 'utf8'));
const { acme } = manifest.domains;
const note = `${acme.gateway.url}/users/alice/notes/1`;

const idToken = await signIn();
const resource = await findResource();
const { shares } = await ownerApi('GET', '/shares', 200);
if (shares.some(isWanted)) {
  console.log('seed: the share is there');
} else {
  await ownerApi('POST', '/shares', 201, { resource_id: resource._id, ...SHARE });
  console.log('seed: Alice shared her note with Bob');
}

function isWanted({ resource_id, scopes, grantee }) {
  return resource_id === resource._id && grantee?.email === SHARE.grantee.email && SHARE.scopes.every((scope) => scopes.includes(scope));
}

/** The gateway registers its resources by itself, shortly after it listens. */
async function findResource() {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { resources } = await ownerApi('GET', '/resources', 200);
    const found = resources.find(({ uri }) => uri === note);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('the gateway did not register the note in time');
    await pause(250);
  }
}

async function signIn() {
  const { clientId, clientSecret } = manifest.clients.confidential;
  const { password } = acme.people.find(({ email }) => email === OWNER);
  const response = await fetch(`${acme.identityProvider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'password', username: OWNER, password, scope: 'openid email profile' }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { id_token } = await response.json();
  if (response.status !== 200 || id_token === undefined) throw new Error(`the identity provider answered ${response.status}`);
  return id_token;
}

async function ownerApi(method, path, expected, body) {
  const response = await fetch(`${acme.ownerApi.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${idToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== expected) throw new Error(`the owner API answered ${response.status} to ${method} ${path}`);
  return response.json();
}
