import type { CallContext, ClientContext } from './call-context.ts';
import { Deadline } from './deadline.ts';
import { followRedirect } from './follow-redirect.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { sendWithoutToken } from './resource-request.ts';
import { traceableResponse, type StepNumber, type Trace } from './trace.ts';

const MAX_REDIRECTS = 5;

/** Answers one request, with whatever tokens it takes. */
export type Ask = (request: OutgoingRequest, context: CallContext, deadline: Deadline) => Promise<Response>;

/**
 * Carries out one call: within its deadline, and along redirects. To another origin a redirect goes without any credentials and
 * without `ask`.
 * @param deadlineMs milliseconds that the servers have, all together
 * @throws UmaError with the step that was reached; the caller's abort reason
 */
export async function performRequest(request: OutgoingRequest, ask: Ask, shared: ClientContext, deadlineMs: number): Promise<Response> {
  const deadline = new Deadline(deadlineMs, request.signal);
  let reached: StepNumber = 1;
  const trace: Trace = (step, message) => {
    reached = step;
    shared.trace(step, message);
  };
  try {
    return await follow(request, ask, { ...shared, trace, signal: deadline.signal }, deadline);
  } catch (error) {
    throw deadline.explain(error, reached);
  } finally {
    deadline.stop();
  }
}

async function follow(request: OutgoingRequest, ask: Ask, context: CallContext, deadline: Deadline): Promise<Response> {
  let current = request;
  for (let redirects = 0; ; redirects += 1) {
    const response = await ask(current, context, deadline);
    const next = redirects < MAX_REDIRECTS ? followRedirect(current, response) : undefined;
    if (next === undefined) return response;
    await response.body?.cancel();
    if (next.url.origin !== current.url.origin) return traced(await sendWithoutToken(next, context), context);
    current = next;
  }
}

/** Reports the final answer to a request without a token. */
export function traced(response: Response, { trace }: CallContext): Response {
  trace(10, { response: traceableResponse(response) });
  return response;
}

/**
 * The request that a challenge is for.
 * @param hasChallenge whether a response carries one
 * @returns undefined when there is none; also after a redirect that fetch followed to another origin: only the server that the caller
 *   named may start a dance
 */
export function challengedRequest(request: OutgoingRequest, response: Response, hasChallenge: (response: Response) => boolean): OutgoingRequest | undefined {
  if (!hasChallenge(response)) return undefined;
  if (!response.redirected) return request;
  const url = new URL(response.url);
  const sameOrigin = url.origin === request.url.origin;
  return sameOrigin && (request.method === 'GET' || request.method === 'HEAD') ? { ...request, url } : undefined;
}
