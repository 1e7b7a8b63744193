import { canonicalTarget } from '@uma-federation/reverse-proxy';
import type { Clock, ResourceId } from '@uma-federation/uma-core';
import type { RegisteredResource, ResourceRegistration } from './resource-registration.ts';
import { runConcurrently } from './run-concurrently.ts';
import type { Timers } from './timers.ts';

/** What the gateway knows of a resource path. */
export type ResourceLookup =
  | { readonly kind: 'known'; readonly resource: RegisteredResource }
  /** AS-RO was asked at most 10 s ago, and nobody had registered it. */
  | { readonly kind: 'unknown' }
  /** AS-RO could not be asked. */
  | { readonly kind: 'unavailable' };

/** AS-RO is asked what there is at most once in this time, however many unknown resources are requested. */
const REFRESH_PAUSE_SECONDS = 10;
const CONCURRENT_READS = 8;

/**
 * The resources of this gateway at AS-RO by their path, learned by reading. An anonymous request registers nothing: it costs AS-RO at most
 * one list, and one read of each resource that is new, in 10 s; and it costs memory only for what is registered.
 */
export class ResourceDirectory {
  readonly #registration: ResourceRegistration;
  readonly #publicUrl: string;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #patienceMs: number;
  #byId: ReadonlyMap<ResourceId, RegisteredResource> = new Map();
  #byPath: ReadonlyMap<string, RegisteredResource> = new Map();
  #last: { readonly at: number; readonly succeeded: boolean } | undefined;
  #flight: Promise<void> | undefined;
  #following: Promise<void> | undefined;

  /** @param settings `patienceMs`: how long a lookup waits for AS-RO */
  constructor(
    registration: ResourceRegistration,
    settings: { readonly publicUrl: string; readonly clock: Clock; readonly timers: Timers; readonly patienceMs: number },
  ) {
    this.#registration = registration;
    this.#publicUrl = settings.publicUrl;
    this.#clock = settings.clock;
    this.#timers = settings.timers;
    this.#patienceMs = settings.patienceMs;
  }

  /** The resource at this canonical path as far as it is known now. */
  find(path: string): RegisteredResource | undefined {
    return this.#byPath.get(path);
  }

  /** Looks the path up; when it is not known, AS-RO is asked, unless it was asked in the last 10 s. Never rejects. */
  async lookUp(path: string): Promise<ResourceLookup> {
    if (this.find(path) === undefined) await this.#patiently(this.refreshIfDue());
    const resource = this.find(path);
    if (resource !== undefined) return { kind: 'known', resource };
    return { kind: this.#last?.succeeded === true ? 'unknown' : 'unavailable' };
  }

  /** Reads what is registered, unless that was tried in the last 10 s. Never rejects. */
  async refreshIfDue(): Promise<void> {
    const due = this.#last === undefined || this.#clock.now() >= this.#last.at + REFRESH_PAUSE_SECONDS;
    if (this.#flight !== undefined || due) await (this.#flight ?? this.refresh()).catch(() => undefined);
  }

  /**
   * Reads what is registered, in a pass that begins after this call: at most one runs and one waits, however many callers there are.
   * Of several resources with one URI the first in AS-RO's list counts.
   * @throws PeerFailure or DiscoveryFailure; what was known stays known
   */
  async refresh(): Promise<void> {
    if (this.#flight === undefined) return this.#start();
    this.#following ??= this.#flight
      .catch(() => undefined)
      .then(() => {
        this.#following = undefined;
        return this.#start();
      });
    return this.#following;
  }

  /** Notes what the gateway itself made of a registered resource. */
  put(resource: RegisteredResource): void {
    this.#index([...this.#byId.values()].map((known) => (known.id === resource.id ? resource : known)));
  }

  /** A pass may have much to read; it goes on when nobody waits for it any more. */
  async #patiently(pass: Promise<void>): Promise<void> {
    let cancel: (() => void) | undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#timers.after(this.#patienceMs, resolve);
    });
    await Promise.race([pass, patience]);
    cancel?.();
  }

  #start(): Promise<void> {
    this.#flight = this.#read().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #read(): Promise<void> {
    this.#last = { at: this.#clock.now(), succeeded: false };
    const ids = await this.#registration.list();
    const unread = ids.filter((id) => !this.#byId.has(id));
    const outcomes = await runConcurrently(unread, CONCURRENT_READS, (id) => this.#registration.read(id));
    const resources = new Map(this.#byId);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
      if (outcome.value !== undefined) resources.set(outcome.value.id, outcome.value);
    }
    this.#index(ids.flatMap((id) => resources.get(id) ?? []));
    this.#last = { at: this.#clock.now(), succeeded: true };
  }

  #index(resources: readonly RegisteredResource[]): void {
    const byPath = new Map<string, RegisteredResource>();
    for (const resource of resources) {
      const path = this.#pathOf(resource.uri);
      if (path !== undefined && !byPath.has(path)) byPath.set(path, resource);
    }
    this.#byId = new Map(resources.map((resource) => [resource.id, resource]));
    this.#byPath = byPath;
  }

  /** The canonical path of a URI of this gateway, spelled as it is; a URI in another spelling names nothing here. */
  #pathOf(uri: string | undefined): string | undefined {
    if (uri === undefined || !uri.startsWith(`${this.#publicUrl}/`)) return undefined;
    const path = uri.slice(this.#publicUrl.length);
    try {
      return canonicalTarget(path).path === path ? path : undefined;
    } catch {
      return undefined;
    }
  }
}
