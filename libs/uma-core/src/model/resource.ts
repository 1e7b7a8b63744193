import type { ClientId, ResourceId } from './ids.ts';
import type { JsonObject } from './json.ts';

/**
 * A protected resource as an RS registered it (Federated Authorization 3.1).
 * `owner` is the canonical e-mail address of the resource owner; `uri` is where the resource is, if the RS said so.
 */
export interface Resource {
  readonly id: ResourceId;
  readonly resourceServer: ClientId;
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly iconUri?: string | undefined;
  readonly type?: string | undefined;
  readonly uri?: string | undefined;
  /** Language-tagged `name#…` and `description#…` members, as sent (RFC 7591 2.2). */
  readonly localized: JsonObject;
}
