import { createUmaFetch, type TraceStep } from '@uma-federation/uma-client';
import { SEEDED_SHARE, type Manifest } from './manifest.ts';
import { signIn } from './person-session.ts';

/** How Bob's access ended. */
export interface AccessResult {
  readonly status: number;
  readonly body: string;
}

/**
 * Bob reads Alice's note, though acme never heard of Bob: the ten steps of seed 003 over HTTP, with the client library.
 * @param onStep told every step, with complete tokens
 * @throws UmaError or Error when a step fails
 */
export async function readSharedNote(manifest: Manifest, onStep: (step: TraceStep) => void): Promise<AccessResult> {
  const { confidential } = manifest.clients;
  const { acme, globex } = manifest.domains;
  const umaFetch = createUmaFetch({
    subjectToken: async () => ({ token: (await signIn(manifest, SEEDED_SHARE.grantee)).accessToken, type: 'access_token' }),
    requestingPartyServer: { issuer: globex.asRqp.issuer, clientId: confidential.clientId, clientSecret: confidential.clientSecret },
    resourceOwnerClient: () => ({ clientId: confidential.clientId, clientSecret: confidential.clientSecret }),
    ownerEmail: SEEDED_SHARE.owner,
    onStep,
  });
  const response = await umaFetch(`${acme.gateway.url}${SEEDED_SHARE.path}`);
  return { status: response.status, body: await response.text() };
}
