import { z } from 'zod';
import { invalidRequest } from '../errors/refusals.ts';
import type { ClientId, ResourceId } from '../model/ids.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';

/**
 * What a resource server asks of its AS-RO (Federated Authorization 3 to 5, and the revocation feed), whichever way it travels: as HTTP, or
 * over the domain's bus. Bodies are those of the HTTP protection API.
 */
export type ProtectionApiRequest =
  | { readonly operation: 'permission.request' | 'resource.create'; readonly body: JsonValue }
  | { readonly operation: 'resource.replace'; readonly id: ResourceId; readonly body: JsonValue }
  | { readonly operation: 'resource.read' | 'resource.remove'; readonly id: ResourceId }
  | { readonly operation: 'resource.list' }
  | { readonly operation: 'rpt.introspect'; readonly token: string }
  | { readonly operation: 'revocation.read'; readonly cursor?: string | undefined };

export type ProtectionApiOperation = ProtectionApiRequest['operation'];
/** The request of one operation. */
export type ProtectionApiRequestOf<O extends ProtectionApiOperation> = Extract<ProtectionApiRequest, { readonly operation: O }>;

/** The HTTP status of an operation that succeeded. */
export const PROTECTION_API_SUCCESS: { readonly [O in ProtectionApiOperation]: 200 | 201 | 204 } = {
  'permission.request': 201,
  'resource.create': 201,
  'resource.replace': 200,
  'resource.read': 200,
  'resource.remove': 204,
  'resource.list': 200,
  'rpt.introspect': 200,
  'revocation.read': 200,
};

const id = z.string().min(1).max(256);
const message = z.object({ client_id: z.string().min(1) });
const MESSAGES: { readonly [O in ProtectionApiOperation]: z.ZodType<{ readonly client_id: string }> } = {
  'permission.request': message.extend({ body: z.json() }),
  'resource.create': message.extend({ body: z.json() }),
  'resource.replace': message.extend({ id, body: z.json() }),
  'resource.read': message.extend({ id }),
  'resource.remove': message.extend({ id }),
  'resource.list': message,
  'rpt.introspect': message.extend({ token: z.string().min(1) }),
  'revocation.read': message.extend({ cursor: z.string().min(1).max(256).optional() }),
};

/** Writes a request as the data of a message on the bus, whose pattern is the operation. */
export function protectionApiMessage({ operation: _, ...members }: ProtectionApiRequest, clientId: ClientId): JsonObject {
  return JSON.parse(JSON.stringify({ ...members, client_id: clientId })) as JsonObject;
}

/**
 * Reads the data of a message. Does not check that the client is who it says: on the bus whoever may send is believed.
 * @throws ProtocolError `invalid_request` when a member is missing or of the wrong form
 */
export function readProtectionApiMessage<O extends ProtectionApiOperation>(
  operation: O,
  data: unknown,
): { readonly clientId: ClientId; readonly request: ProtectionApiRequestOf<O> } {
  const parsed = MESSAGES[operation].safeParse(data);
  if (!parsed.success) throw invalidRequest('protection_api_message_malformed');
  const { client_id: clientId, ...members } = parsed.data;
  return { clientId: clientId as ClientId, request: { operation, ...members } as object as ProtectionApiRequestOf<O> };
}
