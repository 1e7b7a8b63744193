import { DiscoveryFailure, type Clock, type JsonValue } from '@uma-federation/uma-core';
import { LRUCache } from 'lru-cache';
import { cacheLifetimeSeconds } from './cache-lifetime.ts';
import { DiscoveryBudget, type DiscoveryLimits } from './discovery-budget.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/** The largest document that is read (draft-ietf-oauth-client-id-metadata-document 8.7: 5 kilobytes are recommended). */
export const MAX_CLIENT_DOCUMENT_BYTES = 5 * 1024;
/** What a client changes in its document, keys above all, is to count soon. */
const LIFETIME_CAP_SECONDS = 600;
/**
 * The draft, 4.4: errors and unusable documents "MUST NOT" be cached. Nothing of them is; but for this long after a failure the question is not
 * asked again, so that requests at our door do not become requests at a stranger's.
 */
const PAUSE_SECONDS = 5;
const MAX_DOCUMENTS = 1_000;
const MAX_KNOWN = 10_000;

/** What the documents are fetched with. */
export interface ClientDocumentsOptions<T> {
  /** With `maxBodyBytes` of `MAX_CLIENT_DOCUMENT_BYTES`. */
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  /** Budgets for documents that are not known yet. */
  readonly limits?: DiscoveryLimits | undefined;
  /** Reads a document; what it throws as DiscoveryFailure makes the document as good as none. */
  readonly read: (json: JsonValue | undefined, url: string) => T;
}

/**
 * Metadata documents of clients (draft-ietf-oauth-client-id-metadata-document 4): no redirects, JSON with status 200 only, kept for
 * `Cache-Control: max-age` between 1 and 10 minutes, one request however many callers wait.
 */
export class ClientDocuments<T> {
  readonly #options: ClientDocumentsOptions<T>;
  readonly #budget: DiscoveryBudget;
  readonly #documents: DiscoveryCache<{ readonly document: T }>;
  /** What was found last time is asked again without a budget, so that a flood of new names starves no old one. */
  readonly #known = new LRUCache<string, true>({ max: MAX_KNOWN });

  constructor(options: ClientDocumentsOptions<T>) {
    this.#options = options;
    this.#budget = new DiscoveryBudget(options.clock, options.limits);
    this.#documents = new DiscoveryCache(options.clock, MAX_DOCUMENTS, PAUSE_SECONDS);
  }

  /**
   * The document at a URL.
   * @param caller on whose budget a document that is not known is fetched (A46)
   * @throws DiscoveryFailure the guard's reasons, `client_document_status`, `discovery_budget`, and what `read` throws
   */
  async get(url: string, caller?: string): Promise<T> {
    if (!this.#documents.has(url) && !this.#known.has(url)) this.#budget.take(caller);
    const { document } = await this.#documents.get(url, () => this.#load(url));
    return document;
  }

  async #load(url: string): Promise<{ readonly document: T; readonly lifetimeSeconds: number }> {
    this.#known.delete(url);
    const answer = await this.#options.fetch(url, { accept: ['application/json'] });
    if (answer.status !== 200) throw new DiscoveryFailure('client_document_status');
    const document = this.#options.read(answer.json, url);
    this.#known.set(url, true);
    return { document, lifetimeSeconds: cacheLifetimeSeconds(answer.headers, LIFETIME_CAP_SECONDS) };
  }
}
