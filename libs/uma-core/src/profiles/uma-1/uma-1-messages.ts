import { z } from 'zod';
import { invalidRequest } from '../../errors/refusals.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ResourceSetNames } from './resource-set-names.ts';
import type { Uma1Version } from './uma-1-version.ts';

// An opaque text of the client's: as long as our own tickets may be (A54).
const tokenText = z.string().min(1).max(8192);

const permission = z.object({
  resource_set_id: z.string().min(1).max(256),
  // "An array referencing one or more identifiers of scopes". A text that cannot be a scope is one that was not registered: invalid_scope.
  scopes: z.array(z.string().min(1).max(512)).min(1).max(64),
});

const draftAuthorization = z.object({ rpt: tokenText, ticket: tokenText });
const authorization = z.object({
  ticket: tokenText,
  rpt: tokenText.optional(),
  // V101 3.6.2: claims pushed by the client. None are taken here: claims come with the AAT, which is asked for with a claims token.
  claim_tokens: z.array(z.object({ format: z.string().max(512), token: tokenText })).max(8).optional(),
});

const statusRequest = z.object({ rpt: tokenText, resource_set_id: z.string().max(256).optional(), host_id: z.string().max(2048).optional() });

/**
 * Reads a permission registration (D05 3.2, D07 3.2, V101 3.2.1). Unknown members are ignored.
 * @param json the parsed JSON body
 * @param names how the RS calls its resources
 * @returns the same request as the permission endpoint of UMA 2.0 takes it
 * @throws ProtocolError `invalid_request`
 */
export function readUma1Permission(json: unknown, names: ResourceSetNames): JsonObject {
  const parsed = permission.safeParse(json);
  if (!parsed.success) throw invalidRequest('uma_1_permission_malformed');
  return { resource_id: names.toResourceId(parsed.data.resource_set_id), resource_scopes: parsed.data.scopes };
}

/**
 * Reads an authorization request: `rpt` and `ticket` in the drafts (D05 3.4.5, D07 3.4.2); in 1.0.1 the request at the RPT endpoint, where `rpt`
 * may be missing (V101 3.5).
 * @throws ProtocolError `invalid_request`
 */
export function readUma1AuthorizationRequest(json: unknown, version: Uma1Version): { readonly ticket: string; readonly rpt: string | undefined } {
  const parsed = (version === '1.0.1' ? authorization : draftAuthorization).safeParse(json);
  if (!parsed.success) throw invalidRequest('uma_1_authorization_request_malformed');
  return { ticket: parsed.data.ticket, rpt: parsed.data.rpt };
}

/**
 * Reads a token status request of D05 (3.3.1). The answer has all permissions, so `resource_set_id` does not matter; nor does `host_id`, since
 * the PAT says which host asks.
 * @throws ProtocolError `invalid_request`
 */
export function readUma1StatusRequest(json: unknown): string {
  const parsed = statusRequest.safeParse(json);
  if (!parsed.success) throw invalidRequest('uma_1_status_request_malformed');
  return parsed.data.rpt;
}
