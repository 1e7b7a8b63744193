import type { FakeFederation } from './fake-federation.ts';
import type { FakeAnswer, SeenRequest } from './fake-server.ts';

/** AS-RO answers its token requests with these, then as it should. */
export function answersOfAsRo(federation: FakeFederation, ...answers: ((request: SeenRequest) => FakeAnswer | Promise<FakeAnswer>)[]): void {
  federation.asRo.answer = async (request) => {
    const next = request.target === '/token' ? answers.shift() : undefined;
    return next === undefined ? federation.answerResourceOwnerServer(request) : next(request);
  };
}

/** An RPT that the fake resource server takes, and what else the answer has. */
export async function grant(federation: FakeFederation, extra: Record<string, unknown> = {}): Promise<FakeAnswer> {
  const access_token = await federation.owner.requestingPartyToken(federation.rs.url);
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: 600, resource: federation.rs.url, ...extra } };
}

/** A need_info of Decision D1. */
export async function needInfo(federation: FakeFederation, extra: Record<string, unknown> = {}): Promise<FakeAnswer> {
  const { ticket, resourceClaimsToken } = await federation.owner.tickets(federation.resourceUrl);
  return { status: 403, body: { error: 'need_info', ticket, resource_claims_token: resourceClaimsToken, required_claims: [{ name: 'email' }], ...extra } };
}

/** A request_submitted of Decision D1. */
export async function submitted(federation: FakeFederation, extra: Record<string, unknown> = {}): Promise<FakeAnswer> {
  const { ticket, resourceClaimsToken } = await federation.owner.tickets(federation.resourceUrl);
  return { status: 403, body: { error: 'request_submitted', ticket, resource_claims_token: resourceClaimsToken, ...extra } };
}

/** The values of one form parameter in the token requests that AS-RO saw. */
export function sent(federation: FakeFederation, name: string): (string | undefined)[] {
  return federation.asRo.requests.map(({ form }) => form[name]);
}

/** The error that a promise ends with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('a failure was expected');
    },
    (error: unknown) => error,
  );
}
