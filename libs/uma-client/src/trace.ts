import type { JsonObject } from '@uma-federation/uma-core';

/** The ten steps of the correlated authorization profile (seed 003). Odd steps of the client are requests, even ones their answers. */
const TITLES = {
  1: 'Ask for the resource without a token',
  2: 'The resource server asks its authorization server for a permission ticket',
  3: 'It gets the ticket and the resource claims token',
  4: 'The resource server answers with the challenge',
  5: "Exchange the person's token for identity claims",
  6: 'The identity claims token',
  7: 'Redeem the ticket with the identity claims',
  8: 'The requesting party token',
  9: 'Ask for the resource with the token',
  10: 'The answer of the resource server',
} as const;

export type StepNumber = keyof typeof TITLES;

/** What was sent, with complete tokens and secrets. */
export interface TracedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>> | undefined;
  /** A JSON body (the authorization API of UMA 1.0). */
  readonly json?: JsonObject | undefined;
}

/** What came back. `body` is there for answers that this library reads: challenges and token answers. */
export interface TracedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonObject | undefined;
}

/** One step. Steps 2 and 3 happen between the servers: they have neither request nor response. */
export interface TraceStep {
  readonly number: StepNumber;
  readonly title: string;
  readonly request?: TracedRequest | undefined;
  readonly response?: TracedResponse | undefined;
}

/** Reports a step; `title` replaces the usual one where an older dialect or a later message of the process does something else. */
export type Trace = (number: StepNumber, message?: { title?: string | undefined; request?: TracedRequest; response?: TracedResponse }) => void;

/**
 * Makes the reporter of one client.
 * @param onStep told each step; what it throws is the caller's own and passes through
 */
export function traceTo(onStep: ((step: TraceStep) => void) | undefined): Trace {
  return (number, { title, ...message } = {}) => onStep?.({ number, title: title ?? TITLES[number], ...message });
}

/** A response's status and headers, without its body. */
export function traceableResponse(response: Response, body?: JsonObject): TracedResponse {
  return { status: response.status, headers: Object.fromEntries(response.headers), ...(body === undefined ? {} : { body }) };
}
