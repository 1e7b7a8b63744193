import { readLimited } from './answer-json.ts';
import { UmaError } from './uma-error.ts';

type Body = NonNullable<RequestInit['body']>;

/** What fetch takes, and a body that is made anew for each time it is sent. */
export interface UmaRequestInit extends Omit<RequestInit, 'body'> {
  body?: RequestInit['body'] | (() => Body);
}

/** A request that may have to be sent more than once. */
export interface OutgoingRequest {
  readonly method: string;
  /** As fetch normalises it, without fragment. */
  readonly url: URL;
  readonly headers: Headers;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
  readonly body: { readonly replayable: boolean; readonly make: () => Body } | undefined;
  /** What else the caller asked of fetch. */
  readonly rest: Omit<UmaRequestInit, 'body'>;
}

type RequestRedirect = 'follow' | 'error' | 'manual';

/** Greatest body of a `Request` object that is kept for sending it again. */
const REPLAY_LIMIT_BYTES = 1024 * 1024;

/**
 * Reads the arguments of a fetch.
 * A string, buffer, blob, form or function can be sent again; a stream cannot. The body of a `Request` object is read into memory.
 * @throws UmaError `body_not_replayable` when the body of a `Request` object is larger than 1 MiB; TypeError as fetch does
 */
export async function readRequest(input: string | URL | Request, init: UmaRequestInit = {}): Promise<OutgoingRequest> {
  const base = input instanceof Request ? input : undefined;
  const { body: given, ...rest } = init;
  // The platform's own normalisation of URL, method and headers (Fetch Standard 5.3), without a body, so that none is used up.
  const normal = new Request(base?.url ?? input, { ...rest, method: rest.method ?? base?.method ?? 'GET', signal: null });
  const url = new URL(normal.url);
  url.hash = '';
  const headers = new Headers(rest.headers ?? base?.headers);
  const body = given === undefined ? await bodyOf(base) : bodyFrom(given);
  return {
    method: normal.method,
    url,
    headers,
    redirect: rest.redirect ?? base?.redirect ?? 'follow',
    signal: rest.signal ?? base?.signal ?? undefined,
    body,
    rest,
  };
}

function bodyFrom(given: Body | null | (() => Body)): OutgoingRequest['body'] {
  if (given === null) return undefined;
  return { replayable: !isOneShot(given), make: typeof given === 'function' ? given : () => given };
}

async function bodyOf(request: Request | undefined): Promise<OutgoingRequest['body']> {
  if (request === undefined || request.body === null) return undefined;
  try {
    const bytes = await readLimited(request.clone().body, REPLAY_LIMIT_BYTES);
    return { replayable: true, make: () => bytes };
  } catch (cause) {
    throw cause instanceof UmaError ? new UmaError('body_not_replayable', { cause }) : cause;
  }
}

function isOneShot(body: Body | (() => Body)): boolean {
  return body instanceof ReadableStream || (typeof body === 'object' && Symbol.asyncIterator in body);
}
