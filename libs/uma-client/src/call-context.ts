import type { Clock, Randomness } from '@uma-federation/uma-core';
import type { DpopProver } from './dpop-prover.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import type { Trace } from './trace.ts';
import { UmaError } from './uma-error.ts';

/** What all calls of one client share. */
export interface ClientContext {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly trace: Trace;
  /** Undefined when DPoP is switched off. */
  readonly prover: DpopProver | undefined;
  readonly answerLimitBytes: number;
  readonly metadata: Map<string, { readonly server: AuthorizationServer; readonly staleAt: number }>;
}

/** The same for one call. */
export interface CallContext extends ClientContext {
  /** Aborted when the call's time is up or its caller aborts. */
  readonly signal: AbortSignal;
}

/**
 * Sends a request to an authorization server or for metadata: no redirect is followed, no cookie sent, nothing cached.
 * @throws UmaError `peer_unreachable`; the abort reason when the signal ended it
 */
export async function sendToPeer(context: CallContext, url: URL, init: RequestInit = {}): Promise<Response> {
  try {
    return await context.fetch(url, { ...init, redirect: 'error', credentials: 'omit', cache: 'no-store', signal: context.signal });
  } catch (cause) {
    if (context.signal.aborted) throw cause;
    throw new UmaError('peer_unreachable', { cause });
  }
}
