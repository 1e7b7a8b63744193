import { invalidRequest } from '../../errors/refusals.ts';
import type { ClientId, ResourceId } from '../../model/ids.ts';
import type { Sha256 } from '../../ports/sha-256.ts';
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8 } from '../../tokens/base64url.ts';
import { sha256 } from '../../tokens/ticket-hash.ts';

/** Ids of this server begin with this; a host cannot choose one. */
const OWN = 'res_';
const CHOSEN = `${OWN}uma1.`;
const SERVER_CHARACTERS = 22;
const MAX_NAME_BYTES = 120;

/** How one RS calls its resources, and how this server does. */
export interface ResourceSetNames {
  /**
   * @param name `resource_set_id` or `rsid` as the RS says it
   * @returns the id that such a resource has here, registered or not
   */
  toResourceId(name: string): ResourceId;
  /** @returns what the RS calls it: its own name if it has chosen one, the id otherwise */
  toResourceSetId(id: ResourceId): string;
  /**
   * The id for a name that the RS chooses for a new resource (D05 2.4.3.1: "PUT /resource_set/{rsid}").
   * @throws ProtocolError `invalid_request` for a name that looks like an id of this server, or is longer than 120 octets
   */
  chosen(name: string): ResourceId;
}

/**
 * The names of one RS. In the drafts the host chooses `rsid` (D05 2.4.3), "where the PAT provides sufficient context to distinguish between identical resource
 * set identifiers assigned by different hosts"; the id here is made of a hash of the host's client id and the name, so nothing has to be looked up.
 */
export async function resourceSetNames(server: ClientId, digest: Sha256 = sha256): Promise<ResourceSetNames> {
  const prefix = `${CHOSEN}${encodeBase64Url(await digest(encodeUtf8(server))).slice(0, SERVER_CHARACTERS)}.`;
  const idOf = (name: string) => `${prefix}${encodeBase64Url(encodeUtf8(name))}` as ResourceId;
  return {
    toResourceId: (name) => (name.startsWith(OWN) || encodeUtf8(name).length > MAX_NAME_BYTES ? (name as ResourceId) : idOf(name)),
    toResourceSetId: (id) => (id.startsWith(prefix) ? (nameIn(id.slice(prefix.length)) ?? id) : id),
    chosen: (name) => {
      if (name.startsWith(OWN) || encodeUtf8(name).length > MAX_NAME_BYTES) throw invalidRequest('resource_set_id_cannot_be_chosen');
      return idOf(name);
    },
  };
}

function nameIn(encoded: string): string | undefined {
  const bytes = decodeBase64Url(encoded);
  return bytes === undefined ? undefined : decodeUtf8(bytes);
}
