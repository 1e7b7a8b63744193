import { z } from 'zod';
import { invalidRequest } from '../../errors/refusals.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import { readResourceDescription, resourceDescriptionAnswer, type ResourceDescription } from '../../wire/resource-description.ts';

// D05 2.4.2, OAuth-resource-reg 2.1: `name` and `scopes` are REQUIRED.
const description = z.looseObject({ name: z.string().min(1), scopes: z.array(z.unknown()) });

/**
 * Reads a resource set description: the description of UMA 2.0 with `scopes` for `resource_scopes`, and `name` required.
 * @param json the parsed JSON body
 * @throws ProtocolError `invalid_request`
 */
export function readResourceSetDescription(json: unknown): ResourceDescription {
  const parsed = description.safeParse(json);
  if (!parsed.success) throw invalidRequest('resource_set_description_malformed');
  const { scopes, resource_scopes: _foreign, ...rest } = parsed.data;
  return readResourceDescription({ ...rest, resource_scopes: scopes });
}

/** The description of a resource as its RS reads it back, under the RS's own name for it. */
export function resourceSetDescriptionAnswer(resource: Resource, resourceSetId: string): JsonObject {
  const { _id, resource_scopes: scopes = [], ...rest } = resourceDescriptionAnswer(resource);
  return { _id: resourceSetId, ...rest, scopes };
}
