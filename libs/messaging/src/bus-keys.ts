/** The names that the bus uses in Redis. Domains never share a Redis; services that may share one choose another prefix. */
export class BusKeys {
  readonly #prefix: string;

  constructor(prefix = 'uma') {
    this.#prefix = prefix;
  }

  /** The stream of requests to a service. */
  requests(service: string): string {
    return `${this.#prefix}:requests:${service}`;
  }

  /** The stream of answers to one client process. */
  replies(client: string): string {
    return `${this.#prefix}:replies:${client}`;
  }

  /** Whether a reply address is one: a request must not make a service write elsewhere. */
  isReplies(key: string): boolean {
    return key.startsWith(this.replies(''));
  }

  /** The channel of the domain's events. */
  events(): string {
    return `${this.#prefix}:events`;
  }
}
