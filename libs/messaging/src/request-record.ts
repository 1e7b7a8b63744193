import type { RequestOptions } from './request-client.ts';

/** Data with its options, for Nest's own `send(pattern, new RequestRecord(data, { timeoutMs }))`. */
export class RequestRecord {
  readonly data: unknown;
  readonly options: RequestOptions;

  constructor(data: unknown, options: RequestOptions = {}) {
    this.data = data;
    this.options = options;
  }

  /** A record as it is, anything else with no options. */
  static of(data: unknown): RequestRecord {
    return data instanceof RequestRecord ? data : new RequestRecord(data);
  }
}
