import { DiscoveryFailure, GRANT_TYPES } from '@uma-federation/uma-core';
import type { Clock, EmailAddress, Issuer, IssuerDirectory, IssuerRole, VerificationKeys } from '@uma-federation/uma-core';
import { LRUCache } from 'lru-cache';
import { fetchAuthorizationServerMetadata, type AuthorizationServerMetadata } from './authorization-server-metadata.ts';
import { discoverIssuer, type DiscoveredIssuer } from './discover-issuer.ts';
import { DiscoveryBudget, type DiscoveryLimits } from './discovery-budget.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { RemoteKeys } from './remote-keys.ts';

/** A domain whose issuer is configured and not looked up. */
export interface PinnedIssuer {
  /** E-mail domain, lower-case A-label. */
  readonly domain: string;
  readonly role: IssuerRole;
  readonly issuer: Issuer;
}

/** Settings of the directory. */
export interface HttpIssuerDirectoryOptions {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly pinnedIssuers?: readonly PinnedIssuer[] | undefined;
  /** Budgets for domains and issuers that are not known yet. */
  readonly limits?: DiscoveryLimits | undefined;
  /**
   * For whom a WebFinger link is remembered. `domain` (default): for every address of the domain. `address`: for the asked address
   * alone, for domains that let their people publish links of their own.
   */
  readonly answersHoldFor?: 'domain' | 'address' | undefined;
}

type Answer = Pick<DiscoveredIssuer, 'outcome'> & { readonly expiresAt: number };

const MAX_ANSWERS = 10_000;
const MAX_ISSUERS = 1_000;

/**
 * Strangers over HTTP: WebFinger, metadata, JWKS (protocol.md section 6). Positive answers live up to 10 minutes (keys up to an hour, if
 * their issuer says so), failures 60 s. The remembered failure is the circuit breaker of a domain or issuer. Everything is bounded, and
 * concurrent questions share one request. Whether a domain is welcome at all is the caller's decision, to be made before.
 */
export class HttpIssuerDirectory implements IssuerDirectory {
  readonly #fetch: GuardedFetch;
  readonly #clock: Clock;
  readonly #answersHoldFor: 'domain' | 'address';
  readonly #pinned: ReadonlyMap<string, Issuer>;
  readonly #pinnedIssuers: ReadonlySet<string>;
  readonly #budget: DiscoveryBudget;
  readonly #answers = new LRUCache<string, Answer>({ max: MAX_ANSWERS });
  readonly #flights = new Map<string, Promise<void>>();
  readonly #metadata: DiscoveryCache<AuthorizationServerMetadata>;
  readonly #keys = new LRUCache<Issuer, RemoteKeys>({ max: MAX_ISSUERS });
  /** What was found last time and is asked again when it expires, without a budget, so that a flood of new names starves no old one. */
  readonly #known = new LRUCache<string, true>({ max: MAX_ANSWERS });

  constructor(options: HttpIssuerDirectoryOptions) {
    this.#fetch = options.fetch;
    this.#clock = options.clock;
    this.#answersHoldFor = options.answersHoldFor ?? 'domain';
    this.#pinned = new Map((options.pinnedIssuers ?? []).map(({ domain, role, issuer }) => [`${role} ${domain}`, issuer]));
    this.#pinnedIssuers = new Set(this.#pinned.values());
    this.#budget = new DiscoveryBudget(options.clock, options.limits);
    this.#metadata = new DiscoveryCache(options.clock, MAX_ISSUERS);
  }

  /** @inheritdoc */
  issuerFor(address: EmailAddress, role: IssuerRole): Promise<Issuer> {
    return this.#issuerFor(address, role, undefined);
  }

  /** @inheritdoc */
  keysOf(issuer: Issuer): VerificationKeys {
    return this.#keysOf(issuer, undefined);
  }

  /** @inheritdoc */
  requireUmaServer(issuer: Issuer): Promise<void> {
    return this.#requireUmaServer(issuer, undefined);
  }

  /**
   * The same directory on the budget of one caller (A46).
   * @param caller for example a client id
   * @returns a view that throws DiscoveryFailure `discovery_budget` once the caller made us ask too many unknown domains or issuers
   */
  forCaller(caller: string): IssuerDirectory {
    return {
      issuerFor: (address, role) => this.#issuerFor(address, role, caller),
      keysOf: (issuer) => this.#keysOf(issuer, caller),
      requireUmaServer: (issuer) => this.#requireUmaServer(issuer, caller),
    };
  }

  async #issuerFor(address: EmailAddress, role: IssuerRole, caller: string | undefined): Promise<Issuer> {
    const ofDomain = `${role} ${address.domain}`;
    const ofAddress = `${role} ${address.address}`;
    const pinned = this.#pinned.get(ofDomain);
    if (pinned !== undefined) return pinned;
    // Someone else's question about the domain may answer this one; if it does not, this one is asked by itself.
    const underWay = this.#flights.get(ofDomain);
    if (underWay !== undefined && this.#answerTo(ofDomain, ofAddress) === undefined) await underWay;
    if (this.#answerTo(ofDomain, ofAddress) === undefined) {
      await (this.#flights.get(ofAddress) ?? this.#discover(address, role, ofDomain, ofAddress, caller));
    }
    const outcome = this.#answerTo(ofDomain, ofAddress)?.outcome ?? { failure: new DiscoveryFailure('answer_evicted') };
    if ('failure' in outcome) throw new DiscoveryFailure(outcome.failure.reason, { cause: outcome.failure });
    return outcome.issuer;
  }

  #answerTo(...keys: readonly string[]): Answer | undefined {
    const now = this.#clock.now();
    return keys.map((key) => this.#answers.get(key)).find((answer) => answer !== undefined && now < answer.expiresAt);
  }

  async #discover(address: EmailAddress, role: IssuerRole, ofDomain: string, ofAddress: string, caller: string | undefined): Promise<void> {
    this.#takeBudget([ofDomain, ofAddress], caller);
    const flight = discoverIssuer(this.#fetch, address, role, (issuer) => this.#metadataOf(issuer)).then(
      (found) => this.#remember(found, ofDomain, ofAddress),
    );
    this.#flights.set(ofAddress, flight);
    if (!this.#flights.has(ofDomain)) this.#flights.set(ofDomain, flight);
    try {
      await flight;
    } finally {
      this.#flights.delete(ofAddress);
      if (this.#flights.get(ofDomain) === flight) this.#flights.delete(ofDomain);
    }
  }

  #remember({ outcome, holdsFor, lifetimeSeconds }: DiscoveredIssuer, ofDomain: string, ofAddress: string): void {
    const isFailure = 'failure' in outcome;
    const holdsForDomain = holdsFor === 'domain' && (this.#answersHoldFor === 'domain' || isFailure);
    const key = holdsForDomain ? ofDomain : ofAddress;
    this.#answers.set(key, { outcome, expiresAt: this.#clock.now() + lifetimeSeconds });
    this.#known.delete(ofDomain);
    this.#known.delete(ofAddress);
    if (!isFailure) this.#known.set(key, true);
  }

  #metadataOf(issuer: Issuer): Promise<AuthorizationServerMetadata> {
    return this.#metadata.get(issuer, async () => {
      this.#known.delete(issuer);
      const metadata = await fetchAuthorizationServerMetadata(this.#fetch, issuer);
      this.#known.set(issuer, true);
      return metadata;
    });
  }

  #keysOf(issuer: Issuer, caller: string | undefined): VerificationKeys {
    const jwksUri = async (): Promise<string> => (await this.#metadataFor(issuer, caller)).jwksUri;
    return {
      find: async (keyId, algorithm) => {
        // An issuer takes a place only after the budget let it: names that are made up evict no other.
        if (!this.#keys.has(issuer)) await jwksUri();
        const keys = this.#keys.get(issuer) ?? new RemoteKeys(this.#fetch, this.#clock);
        this.#keys.set(issuer, keys);
        return keys.find(keyId, algorithm, jwksUri);
      },
    };
  }

  #metadataFor(issuer: Issuer, caller: string | undefined): Promise<AuthorizationServerMetadata> {
    if (!this.#metadata.has(issuer)) this.#takeBudget([issuer], caller);
    return this.#metadataOf(issuer);
  }

  async #requireUmaServer(issuer: Issuer, caller: string | undefined): Promise<void> {
    const { grantTypes } = await this.#metadataFor(issuer, caller);
    if (!grantTypes.includes(GRANT_TYPES.umaTicket)) throw new DiscoveryFailure('no_uma_server');
  }

  #takeBudget(names: readonly string[], caller: string | undefined): void {
    const isPinned = names.some((name) => this.#pinnedIssuers.has(name));
    if (!isPinned && !names.some((name) => this.#known.has(name))) this.#budget.take(caller);
  }
}
