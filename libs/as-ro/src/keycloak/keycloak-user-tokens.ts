import {
  invalidRequest,
  KEYCLOAK_ID_TOKEN_FORMAT,
  mayAct,
  parseEmailAddress,
  ProtocolError,
  TokenFault,
  type AuthenticatedClient,
  type IdentityClaims,
  type Issuer,
  type KeycloakTokenRequest,
  type SubjectClaims,
  type SubjectTokens,
  type SubjectTokenType,
  type TokenId,
} from '@uma-federation/uma-core';

/** A token by which the person of a request shows who they are. */
interface PresentedUserToken {
  readonly token: string;
  readonly type: SubjectTokenType;
  /** The scheme, when it came in the header. */
  readonly scheme?: 'bearer' | 'dpop' | undefined;
}

/** Who presents it. */
export interface Presenter {
  readonly client: AuthenticatedClient;
  /** RFC 7638 thumbprint of the key that the request proved. */
  readonly thumbprint: string | undefined;
}

const HEADER = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i;

/** Establishes the requesting party by a token of the domain's own OpenID Provider, with the checks that Keycloak lacks (A5). */
export class KeycloakUserTokens {
  readonly #tokens: SubjectTokens;
  readonly #servedDomains: readonly string[];

  /** @param servedDomains e-mail domains (A-labels) that the provider speaks for */
  constructor(tokens: SubjectTokens, servedDomains: readonly string[]) {
    this.#tokens = tokens;
    this.#servedDomains = servedDomains;
  }

  /**
   * The person whose token the request carries: an access token in the header, either kind as `subject_token`, or an ID token as `claim_token`.
   * The token is the provider's, live, was issued to the client that makes the request (Keycloak #46717), and when it is bound to a key the
   * request proves that key (#52985); who may act by it, if it says so, is that client (A53); the address is verified and of a domain that this AS-RO serves.
   * Does not check: revocation at the provider.
   * @returns undefined when the request carries none
   * @throws ProtocolError `invalid_request` for several, `invalid_grant` (401 for the header, else 400) for one that is not acceptable, 503 when the provider's keys cannot be had
   */
  async identify(request: KeycloakTokenRequest, authorization: string | undefined, presenter: Presenter): Promise<IdentityClaims | undefined> {
    const [presented, ...others] = presentedTokens(request, authorization);
    if (presented === undefined) return undefined;
    if (others.length > 0) throw invalidRequest('several_user_tokens');
    const subject = await this.#verify(presented, presenter.client.registration.clientId);
    const fault = this.#faultOf(subject, presented, presenter);
    if (fault !== undefined) throw invalidUserToken(fault, presented);
    return toIdentity(subject);
  }

  async #verify(presented: PresentedUserToken, clientId: string): Promise<SubjectClaims> {
    try {
      return await this.#tokens.verify(presented.token, presented.type, clientId);
    } catch (error) {
      if (error instanceof TokenFault) throw invalidUserToken(`user_token_${error.reason}`, presented);
      throw error;
    }
  }

  #faultOf(subject: SubjectClaims, { scheme }: PresentedUserToken, { client, thumbprint }: Presenter): string | undefined {
    if (subject.clientId !== client.registration.clientId) return 'user_token_of_another_client';
    if (!mayAct(subject, client.registration.clientId)) return 'user_token_may_act_violated';
    const bound = subject.confirmationThumbprint;
    // RFC 9449 7.1, 7.2: a bound token comes with the scheme DPoP and a proof of its key, an unbound one as Bearer.
    if (scheme !== undefined && (scheme === 'dpop') !== (bound !== undefined)) return 'user_token_scheme_does_not_fit_binding';
    if (bound !== undefined && bound !== thumbprint) return 'user_token_of_another_key';
    const email = emailOf(subject);
    if (email === undefined) return 'user_email_not_verified';
    return this.#servedDomains.includes(email.domain) ? undefined : 'user_of_another_domain';
  }
}

function presentedTokens({ subjectToken, claimToken }: KeycloakTokenRequest, authorization: string | undefined): readonly PresentedUserToken[] {
  const [, scheme, token] = HEADER.exec(authorization ?? '') ?? [];
  return [
    ...(scheme === undefined || token === undefined ? [] : [{ token, type: 'access_token', scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer' } as const]),
    ...(subjectToken === undefined ? [] : [{ token: subjectToken, type: 'jwt' } as const]),
    ...(claimToken?.format === KEYCLOAK_ID_TOKEN_FORMAT ? [{ token: claimToken.token, type: 'id_token' } as const] : []),
  ];
}

function emailOf({ email, emailVerified }: SubjectClaims) {
  return emailVerified && email !== undefined ? parseEmailAddress(email) : undefined;
}

/** What the provider vouches for. Nothing that a client could add to a request is among it (A25, Keycloak CVE-2026-18572). */
function toIdentity(subject: SubjectClaims): IdentityClaims {
  return {
    issuer: subject.issuer as Issuer,
    tokenId: (subject.tokenId ?? '') as TokenId,
    email: emailOf(subject)?.address ?? '',
    clientId: subject.clientId as IdentityClaims['clientId'],
    acr: subject.acr,
    amr: subject.amr,
    authTime: subject.authTime,
    confirmationThumbprint: subject.confirmationThumbprint,
    expiresAt: subject.expiresAt,
    claims: {},
  };
}

function invalidUserToken(reason: string, { scheme }: PresentedUserToken): ProtocolError {
  const refusal = { error: 'invalid_grant', reason, description: 'Invalid bearer token' };
  if (scheme === undefined) return new ProtocolError({ ...refusal, status: 400 });
  return new ProtocolError({ ...refusal, status: 401, headers: { 'WWW-Authenticate': `${scheme === 'dpop' ? 'DPoP' : 'Bearer'} error="invalid_token"` } });
}
