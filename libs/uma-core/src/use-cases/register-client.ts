import { invalidClientMetadata, temporarilyUnavailable } from '../errors/refusals.ts';
import type { ClientMetadata } from '../model/client-metadata.ts';
import type { ClientAuthenticationMethod, ClientRegistration } from '../model/client-registration.ts';
import type { ClientId } from '../model/ids.ts';
import type { ClientStore, RegisteredClient } from '../ports/client-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Sha256 } from '../ports/sha-256.ts';
import { encodeBase64Url, encodeUtf8 } from '../tokens/base64url.ts';
import { equalInConstantTime, sha256 } from '../tokens/ticket-hash.ts';
import { GRANT_TYPES, PROTECTION_SCOPE } from '../wire/urns.ts';

/** How the ids of clients that registered themselves begin: such an id is neither a URL nor an e-mail address. */
export const REGISTERED_CLIENT_PREFIX = 'dcr_';

/** What registration needs. */
export interface ClientRegistering {
  readonly store: ClientStore;
  readonly randomness: Randomness;
  readonly clock: Clock;
  readonly sha256?: Sha256 | undefined;
  /** The ways to authenticate that this server has. */
  readonly methods: readonly ClientAuthenticationMethod[];
  /** The grant types that a client may register itself for. */
  readonly grantTypes: readonly string[];
  /** How many clients may be registered. */
  readonly maxClients: number;
}

/** A registration, and what only its client is told. */
export interface IssuedRegistration {
  readonly client: RegisteredClient;
  /** 256 random bits; present when the client has been given a secret now. */
  readonly secret?: string | undefined;
}

/**
 * Registers a client (RFC 7591 3).
 * @returns the client under its fresh id (128 random bits), its secret when its method has one, and its registration access token (256 random bits)
 * @throws ProtocolError `invalid_client_metadata`; 503 when there are as many clients as may be
 */
export async function registerClient(metadata: ClientMetadata, deps: ClientRegistering): Promise<IssuedRegistration & { readonly registrationToken: string }> {
  const settled = settle(metadata, deps);
  const registrationToken = `rat_${randomText(32, deps)}`;
  const { secret, secretHash } = await secretFor(settled, undefined, deps);
  const client: RegisteredClient = {
    clientId: `${REGISTERED_CLIENT_PREFIX}${randomText(16, deps)}` as ClientId,
    metadata: settled,
    secretHash,
    registrationTokenHash: await hashOf(registrationToken, deps),
    issuedAt: deps.clock.now(),
  };
  if (!(await deps.store.create(client, deps.maxClients))) throw temporarilyUnavailable('too_many_registered_clients', 3600);
  return { client, secret, registrationToken };
}

/**
 * Replaces what is registered of a client in full: omitted members disappear (RFC 7592 2.2). A secret stays while the method needs one.
 * @param current the client, authenticated by its registration access token
 * @throws ProtocolError `invalid_client_metadata`, also when the client has gone meanwhile
 */
export async function replaceClient(current: RegisteredClient, metadata: ClientMetadata, deps: ClientRegistering): Promise<IssuedRegistration> {
  const settled = settle(metadata, deps);
  const { secret, secretHash } = await secretFor(settled, current.secretHash, deps);
  const client = { ...current, metadata: settled, secretHash };
  if (!(await deps.store.replace(client))) throw invalidClientMetadata('client_has_gone');
  return { client, secret };
}

/** Stands in for the hash of a token or secret that there is none of; nothing is known that has it. */
const NO_HASH = 'A'.repeat(43);

/**
 * The client that a registration access token is for (RFC 7592 2). An unknown client costs the same as a wrong token.
 * @returns undefined for both
 */
export async function findByRegistrationToken(clientId: string, token: string, deps: Pick<ClientRegistering, 'store' | 'sha256'>): Promise<RegisteredClient | undefined> {
  const client = clientId.startsWith(REGISTERED_CLIENT_PREFIX) ? await deps.store.find(clientId) : undefined;
  return equalInConstantTime(await hashOf(token, deps), client?.registrationTokenHash ?? NO_HASH) ? client : undefined;
}

/** Whether this is the secret of the client. */
export async function isSecretOf(client: RegisteredClient, secret: string, deps: Pick<ClientRegistering, 'sha256'>): Promise<boolean> {
  return equalInConstantTime(await hashOf(secret, deps), client.secretHash ?? NO_HASH);
}

/** What holds for all clients that registered themselves. */
export interface SelfRegisteredRules {
  readonly requireResource: boolean;
  readonly grantTypes: readonly string[];
}

/**
 * A client that registered itself, as the authorization server's other parts know it: never a resource server, no older dialect.
 * @param rules.requireResource refuse its uma-ticket requests without `resource` (protocol.md 1.9 duty vii)
 * @param rules.grantTypes the grant types that such clients may use now: one that was taken from all is taken from those that are there already
 */
export function toClientRegistration({ clientId, metadata, secretHash }: RegisteredClient, rules: SelfRegisteredRules): ClientRegistration {
  const { clientName, authenticationMethod, keys, certificate, grantTypes = [], scopes, redirectUris, claimsRedirectUris, dpopBoundAccessTokens } = metadata;
  return {
    clientId,
    clientName,
    secretHash,
    authenticationMethod,
    keys,
    certificate,
    grantTypes: grantTypes.filter((grantType) => rules.grantTypes.includes(grantType)),
    scopes,
    redirectUris,
    claimsRedirectUris,
    dpopBoundAccessTokens,
    requireResource: rules.requireResource,
  };
}

/** RFC 7591 2: "The authorization server MAY … replace any of the client's requested metadata values". Grant types that nobody gets are left out. */
function settle(metadata: ClientMetadata, { methods, grantTypes: allowed }: ClientRegistering): ClientMetadata {
  const { authenticationMethod = 'client_secret_basic', grantTypes: requested = [GRANT_TYPES.umaTicket] } = metadata;
  if (!methods.includes(authenticationMethod)) throw invalidClientMetadata('method_not_supported');
  const grantTypes = allowed.filter((grantType) => requested.includes(grantType));
  if (grantTypes.length === 0) throw invalidClientMetadata('no_grant_type_left');
  // Federated Authorization 1.3: who has this scope speaks for resource owners. Only the configuration gives it.
  if (metadata.scopes.includes(PROTECTION_SCOPE)) throw invalidClientMetadata('protection_scope_requested');
  return { ...metadata, authenticationMethod, grantTypes };
}

async function secretFor(
  { authenticationMethod: method }: ClientMetadata,
  currentHash: string | undefined,
  deps: ClientRegistering,
): Promise<{ readonly secret?: string | undefined; readonly secretHash?: string | undefined }> {
  if (method !== 'client_secret_basic' && method !== 'client_secret_post') return {};
  if (currentHash !== undefined) return { secretHash: currentHash };
  const secret = randomText(32, deps);
  return { secret, secretHash: await hashOf(secret, deps) };
}

function randomText(bytes: number, { randomness }: Pick<ClientRegistering, 'randomness'>): string {
  return encodeBase64Url(randomness.bytes(bytes));
}

async function hashOf(text: string, { sha256: digest = sha256 }: Pick<ClientRegistering, 'sha256'>): Promise<string> {
  return encodeBase64Url(await digest(encodeUtf8(text)));
}
