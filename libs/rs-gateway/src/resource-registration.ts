import { PeerFailure } from '@uma-federation/federation';
import type { JsonObject, ResourceId } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { ResourceDescription } from './gateway-routes.ts';
import type { ProtectionApi, ProtectionApiAnswer } from './protection-api.ts';

/** A resource as AS-RO has it. */
export interface RegisteredResource {
  readonly id: ResourceId;
  /** Absent when it was registered without; then the gateway cannot know where it is. */
  readonly uri?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  /** E-mail address of the resource owner. */
  readonly owner?: string | undefined;
  readonly scopes: readonly string[];
}

const list = z.array(z.string().min(1).max(256)).max(100_000);
const created = z.object({ _id: z.string().min(1).max(256) });
const read = z.object({
  resource_scopes: z.array(z.string()),
  uri: z.string().optional(),
  name: z.string().optional(),
  type: z.string().optional(),
  owner: z.string().optional(),
});

/** The resource registration API (Federated Authorization 3.2) as the gateway uses it. Everything throws PeerFailure or DiscoveryFailure. */
export class ResourceRegistration {
  readonly #api: ProtectionApi;
  readonly #publicUrl: string;

  /** @param publicUrl origin that the paths of described resources belong to */
  constructor(api: ProtectionApi, publicUrl: string) {
    this.#api = api;
    this.#publicUrl = publicUrl;
  }

  /** Ids of everything that this gateway's client registered, in AS-RO's order. */
  async list(): Promise<readonly ResourceId[]> {
    const answer = await this.#api.call({ operation: 'resource.list' });
    return expect(answer, 200, list) as ResourceId[];
  }

  /** The resource with this id, or undefined when there is none any more. */
  async read(id: ResourceId): Promise<RegisteredResource | undefined> {
    const answer = await this.#api.call({ operation: 'resource.read', id });
    if (answer.status === 404) return undefined;
    const { resource_scopes: scopes, ...rest } = expect(answer, 200, read);
    return { ...rest, id, scopes };
  }

  /** Registers a resource. */
  async create(resource: ResourceDescription): Promise<ResourceId> {
    const answer = await this.#api.call({ operation: 'resource.create', body: this.#toWire(resource) });
    return expect(answer, 201, created)._id as ResourceId;
  }

  /** Replaces the description in full (Federated Authorization 3.2.3). */
  async replace(id: ResourceId, resource: ResourceDescription): Promise<void> {
    expect(await this.#api.call({ operation: 'resource.replace', id, body: this.#toWire(resource) }), 200, z.unknown());
  }

  #toWire({ path, name, type, owner, scopes }: ResourceDescription): JsonObject {
    return {
      name,
      resource_scopes: scopes,
      uri: `${this.#publicUrl}${path}`,
      ...(type === undefined ? {} : { type }),
      ...(owner === undefined ? {} : { owner }),
    };
  }
}

function expect<T>(answer: ProtectionApiAnswer, status: number, schema: z.ZodType<T>): T {
  if (answer.status !== status) throw new PeerFailure('registration_refused', { status: answer.status });
  const parsed = schema.safeParse(answer.json);
  if (!parsed.success) throw new PeerFailure('registration_answer_malformed', { status: answer.status });
  return parsed.data;
}
