import type { ClientContext } from './call-context.ts';
import { clientContext } from './client-context.ts';
import type { UmaFetchOptions } from './options.ts';
import { readRequest, type UmaRequestInit } from './outgoing-request.ts';
import { performRequest } from './perform-request.ts';
import type { TokenKind } from './revoke-tokens.ts';
import { UmaClient } from './uma-client.ts';
import type { SubmittedRequest, UmaError } from './uma-error.ts';

/** A `fetch` that gets itself the tokens it needs. */
export interface UmaFetch {
  (input: string | URL | Request, init?: UmaRequestInit): Promise<Response>;
  /**
   * Goes on with a request that waits for its owner, from `UmaError.submitted`, which may have been stored in between. Input and init
   * are those of the first call; the DPoP key must be the same.
   * @throws UmaError as a call; `request_submitted` when it is too early or still undecided and `ownerPatienceMs` does not suffice
   */
  resume(submitted: SubmittedRequest, input: string | URL | Request, init?: UmaRequestInit): Promise<Response>;
  /**
   * Forgets all tokens of a kind, or of every kind, and revokes them where they came from (RFC 7009): what an application does when
   * the person signs out. Calls that are under way keep nothing.
   * @returns what could not be revoked; it is forgotten all the same
   */
  revoke(kind?: TokenKind): Promise<readonly UmaError[]>;
}

const DEFAULT_DEADLINE_MS = 30_000;

/**
 * Makes a `fetch` for resources that are shared by user-managed access across domains (seed 003; protocol.md 1.9), for one person.
 * A 401 with a `UMA` challenge makes it exchange the person's token, redeem the ticket and ask again; the final response is returned.
 * Everything else passes through: other statuses, other challenges, network errors. It fulfils the client duties (i) to (vii):
 * when one is violated it throws an `UmaError` of the category `duty`, and no token goes to the doubtful party.
 * Requests with a token follow redirects themselves: to another origin without any credentials and without a dance there.
 * @param options see `UmaFetchOptions`
 * @returns the fetch, compatible with the global one; a body may also be a function that makes it anew
 * @throws TypeError when `ownerEmail` is no e-mail address, or dialect and profile exclude each other
 */
export function createUmaFetch(options: UmaFetchOptions): UmaFetch {
  const context: ClientContext = clientContext(options);
  const client = new UmaClient(options, context);
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const umaFetch = async (input: string | URL | Request, init?: UmaRequestInit) =>
    performRequest(await readRequest(input, init), (...asked) => client.ask(...asked), context, deadlineMs);
  const resume: UmaFetch['resume'] = async (submitted, input, init) => {
    let first: SubmittedRequest | undefined = submitted;
    return performRequest(
      await readRequest(input, init),
      (...asked) => {
        const continued = first;
        first = undefined;
        return continued === undefined ? client.ask(...asked) : client.resume(continued, ...asked);
      },
      context,
      deadlineMs,
    );
  };
  return Object.assign(umaFetch, { resume, revoke: (kind?: TokenKind) => client.revoke(kind, deadlineMs) });
}
