import type { Logger } from '@uma-federation/nest-kit';
import type { ResourceDescription } from './gateway-routes.ts';
import type { ResourceDirectory, ResourceLookup } from './resource-directory.ts';
import type { RegisteredResource, ResourceRegistration } from './resource-registration.ts';
import { runConcurrently } from './run-concurrently.ts';

const CONCURRENT_WRITES = 8;

/** Registers the resources of the route table at AS-RO (Federated Authorization 3; F29: protection starts at registration). */
export class ResourceRegistrar {
  readonly #wanted: ReadonlyMap<string, ResourceDescription>;
  readonly #registration: ResourceRegistration;
  readonly #directory: ResourceDirectory;
  readonly #logger: Logger;

  /** @param wanted the resources that the route table names */
  constructor(
    wanted: readonly ResourceDescription[],
    dependencies: { readonly registration: ResourceRegistration; readonly directory: ResourceDirectory; readonly logger: Logger },
  ) {
    this.#wanted = new Map(wanted.map((resource) => [resource.path, resource]));
    this.#registration = dependencies.registration;
    this.#directory = dependencies.directory;
    this.#logger = dependencies.logger;
  }

  /** The resource at a path. One that the route table names but AS-RO lacks is unavailable, not unknown: its registration is on its way. */
  async lookUp(path: string): Promise<ResourceLookup> {
    const resource = this.#directory.find(path);
    if (resource !== undefined) return { kind: 'known', resource };
    return this.#wanted.has(path) ? { kind: 'unavailable' } : this.#directory.lookUp(path);
  }

  /**
   * Brings AS-RO's registrations in step with the route table: creates what is missing, replaces what differs in name, type or scopes.
   * Harmless when repeated, also by several replicas at once: the first registration of a URI is the one that everybody uses.
   * One refused resource does not keep the others from being registered.
   * @throws Error when AS-RO could not be read, or refused a resource
   */
  async synchronise(): Promise<void> {
    await this.#directory.refresh();
    const outcomes = await runConcurrently([...this.#wanted.values()], CONCURRENT_WRITES, (resource) => this.#settle(resource));
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }): unknown => reason);
    // Another replica may have registered the same resources meanwhile: the list decides which ones count.
    if (outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value === 'created')) await this.#directory.refresh();
    if (failures.length > 0) throw new Error(`${failures.length} of ${this.#wanted.size} resources could not be registered`, { cause: failures[0] });
  }

  async #settle(wanted: ResourceDescription): Promise<'created' | 'replaced' | 'kept'> {
    const registered = this.#directory.find(wanted.path);
    if (registered === undefined) {
      const resourceId = await this.#registration.create(wanted);
      this.#logger.info({ resourceId }, 'resource registered');
      return 'created';
    }
    if (!differs(registered, wanted)) return 'kept';
    await this.#registration.replace(registered.id, wanted);
    this.#directory.put({ ...registered, name: wanted.name, type: wanted.type, scopes: wanted.scopes });
    this.#logger.info({ resourceId: registered.id }, 'resource description replaced');
    return 'replaced';
  }
}

function differs(registered: RegisteredResource, wanted: ResourceDescription): boolean {
  return (
    registered.name !== wanted.name ||
    registered.type !== wanted.type ||
    [...registered.scopes].sort().join(' ') !== wanted.scopes.join(' ')
  );
}
