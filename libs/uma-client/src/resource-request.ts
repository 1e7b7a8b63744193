import type { CallContext } from './call-context.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { checkTokenTarget, type GrantedToken } from './requesting-party-token.ts';
import { traceableResponse, type TracedRequest } from './trace.ts';

/**
 * Step 1 of seed 003: the request as the caller made it. What fetch throws passes through.
 */
export async function sendWithoutToken(request: OutgoingRequest, context: CallContext): Promise<Response> {
  context.trace(1, { request: traceable(request, request.headers) });
  return context.fetch(request.url, initOf(request, request.headers, request.redirect, context));
}

/**
 * Steps 9 and 10: the request with its RPT, bound to the DPoP key when the token is (RFC 9449 7.1).
 * Duty (v): only to the origin in RCT.aud; no redirect is followed with it. What fetch throws passes through.
 * @throws UmaError `resource_mismatch`
 */
export async function sendWithToken(request: OutgoingRequest, token: GrantedToken, context: CallContext): Promise<Response> {
  const first = await attempt(request, token, context);
  const nonceWanted = first.status === 401 && token.scheme === 'DPoP' && /\berror="?use_dpop_nonce\b/.test(first.headers.get('www-authenticate') ?? '');
  if (!nonceWanted || request.body?.replayable === false) return first;
  await first.body?.cancel();
  return attempt(request, token, context);
}

async function attempt(request: OutgoingRequest, token: GrantedToken, context: CallContext): Promise<Response> {
  const { method, url } = request;
  checkTokenTarget(token, url);
  const headers = new Headers(request.headers);
  headers.set('authorization', `${token.scheme} ${token.token}`);
  if (token.scheme === 'DPoP' && context.prover !== undefined) {
    headers.set('dpop', await context.prover.prove({ method, url, accessToken: token.token }));
  }
  context.trace(9, { request: traceable(request, headers) });
  const response = await context.fetch(url, initOf(request, headers, request.redirect === 'error' ? 'error' : 'manual', context));
  context.prover?.rememberNonce(url, response.headers);
  context.trace(10, { response: traceableResponse(response) });
  return response;
}

function initOf(request: OutgoingRequest, headers: Headers, redirect: OutgoingRequest['redirect'], { signal }: CallContext): RequestInit {
  const { method, body, rest } = request;
  const init: RequestInit = { ...rest, method, headers, redirect, signal };
  if (body === undefined) return init;
  // Fetch Standard 5.3: a stream as body needs `duplex`.
  return { ...init, body: body.make(), ...(body.replayable ? {} : { duplex: 'half' }) };
}

function traceable({ method, url }: OutgoingRequest, headers: Headers): TracedRequest {
  return { method, url: url.href, headers: Object.fromEntries(headers) };
}
