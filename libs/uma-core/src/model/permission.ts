import type { ResourceId } from './ids.ts';

/** One permission: a registered resource and scopes of it (Federated Authorization 4.1, 5.1.1). Scopes may be empty. */
export interface Permission {
  readonly resourceId: ResourceId;
  readonly scopes: readonly string[];
}
