import { ticketChallenge } from '@uma-federation/uma-core';
import type { CallContext } from './call-context.ts';
import { checkResourceClaims, type KnownResources } from './check-challenge.ts';
import { beginClaimsInteraction, finishClaimsInteraction } from './claims-interaction.ts';
import type { Deadline } from './deadline.ts';
import { exchangeToken, type TicketBinding } from './exchange-token.ts';
import { pollIntervalSeconds } from './need-info.ts';
import type { ClientCredentials, SubjectToken, UmaFetchOptions } from './options.ts';
import { OwnerPatience } from './owner-patience.ts';
import type { PersistedClaimsStore } from './persisted-claims.ts';
import { redeemTicket, type Grant, type RedeemInput, type RedemptionForm } from './redeem-ticket.ts';
import { findRequestingPartyServer, type AuthorizationServer } from './server-metadata.ts';
import { UmaError, type NeedInfo, type SubmittedRequest } from './uma-error.ts';

/** Greatest number of token requests at AS-RO that say who the person is, for one challenge. */
const MAX_ROUNDS = 4;

/** What the dance needs besides the challenge. */
export interface Dance {
  readonly options: UmaFetchOptions;
  readonly known: KnownResources;
  readonly ownerUri: string | undefined;
  readonly context: CallContext;
  readonly deadline: Deadline;
  /** Undefined when none are kept. */
  readonly persistedClaims: PersistedClaimsStore | undefined;
}

/** One authorization process at AS-RO. */
export interface Process {
  readonly url: URL;
  readonly resource: string;
  readonly server: AuthorizationServer;
  readonly credentials: ClientCredentials;
  readonly form: RedemptionForm;
  /** UMA Grant 3.3.1 `rpt`. */
  readonly previousToken?: string | undefined;
}

/** A ticket that has not been used, and what goes along with it. */
interface Next {
  readonly ticket: string;
  readonly resourceClaimsToken?: string | undefined;
  /** `identity`: the person's claims; `persisted`: a persisted claims token; `nothing`: AS-RO knows enough, or is asked what it needs. */
  readonly evidence: 'identity' | 'persisted' | 'nothing';
  readonly polls?: boolean;
}

interface Exchanged {
  readonly token: string;
  readonly subject: string;
}

/**
 * Redeems the ticket of a challenge, or goes on with a request that waits for the owner: after `need_info` while there is a way to
 * learn more about the person, after `request_submitted` while there is patience. Always with the newest ticket, each of them once.
 * @throws UmaError
 */
export async function redeemProcess(
  process: Process,
  start: { readonly ticket: string; readonly resourceClaimsToken?: string | undefined } | { readonly submitted: SubmittedRequest },
  dance: Dance,
): Promise<Grant> {
  return new AuthorizationProcess(process, dance).run(start);
}

class AuthorizationProcess {
  readonly #process: Process;
  readonly #dance: Dance;
  readonly #patience: OwnerPatience;
  readonly #presented = new Set<string>();
  #rounds = 0;
  #missing: NeedInfo | undefined;
  #previous: Exchanged | undefined;
  #firstResourceClaims: string | undefined;
  /** Whether AS-RqP has verified the resource claims token, or the pair of servers is a configured one. */
  #verified = false;

  constructor(process: Process, dance: Dance) {
    this.#process = process;
    this.#dance = dance;
    this.#patience = new OwnerPatience(dance.options, dance.context, dance.deadline);
    const { url, server } = process;
    this.#verified = dance.known.trustedResourceServers.some(({ origin, asUri }) => origin === url.origin && asUri === server.issuer);
  }

  async run(start: { readonly ticket: string; readonly resourceClaimsToken?: string | undefined } | { readonly submitted: SubmittedRequest }): Promise<Grant> {
    let next = 'submitted' in start ? await this.#continued(start.submitted) : await this.#first(start);
    for (;;) {
      // UMA Grant 3.3.6: no ticket of the process comes back (G60).
      if (this.#presented.has(next.ticket)) throw new UmaError('ticket_unchanged', { step: 8 });
      this.#presented.add(next.ticket);
      const redeemed = await this.#patience.send(next.polls === true, () => this.#redeem(next));
      if ('granted' in redeemed) return this.#accept(redeemed.granted, next);
      if ('submitted' in redeemed) next = await this.#afterWaiting(redeemed.submitted, pollIntervalSeconds(redeemed.submitted.intervalSeconds));
      else next = await this.#afterNeedInfo(redeemed.needInfo, next);
    }
  }

  /** A persisted claims token saves the exchange; in UMA's own form only. */
  async #first({ ticket, resourceClaimsToken }: { readonly ticket: string; readonly resourceClaimsToken?: string | undefined }): Promise<Next> {
    const { form, server } = this.#process;
    const { persistedClaims, options } = this.#dance;
    this.#firstResourceClaims = resourceClaimsToken;
    const persisted = form === 'uma' ? await persistedClaims?.find(server.issuer) : undefined;
    if (persisted !== undefined) return { ticket, resourceClaimsToken, evidence: 'persisted' };
    const later = form !== 'oauth' && options.pushClaims === 'when-asked';
    return { ticket, resourceClaimsToken, evidence: later ? 'nothing' : 'identity' };
  }

  async #redeem(next: Next) {
    const { ticket, evidence, polls } = next;
    const input: RedeemInput = { ...this.#process, ticket, polls };
    const { context, persistedClaims } = this.#dance;
    if (evidence === 'persisted') {
      const persistedClaimsToken = await persistedClaims?.find(this.#process.server.issuer);
      try {
        return await redeemTicket({ ...input, persistedClaimsToken }, context);
      } catch (error) {
        // Whatever it was: the next call says anew who the person is.
        if (error instanceof UmaError && error.category === 'refusal') await this.#forgetPersistedClaims();
        throw error;
      }
    }
    const exchanged = evidence === 'identity' ? await this.#identify(next) : undefined;
    this.#rounds += polls === true ? 0 : 1;
    if (exchanged !== undefined) {
      this.#previous = exchanged;
      this.#verified = true;
    }
    return redeemTicket({ ...input, identityClaimsToken: exchanged?.token }, context);
  }

  async #accept(grant: Grant, { evidence }: Next): Promise<Grant> {
    // Without an exchange nobody has verified the resource claims token: the answer itself must say whom the token is for (A1).
    if (!this.#verified && !grant.namesResource) {
      if (evidence === 'persisted') await this.#forgetPersistedClaims();
      throw new UmaError('resource_mismatch', { step: 8 });
    }
    const { persistedClaimsToken } = grant;
    if (persistedClaimsToken !== undefined) await this.#dance.persistedClaims?.put(this.#process.server.issuer, persistedClaimsToken);
    return grant;
  }

  async #continued(submitted: SubmittedRequest): Promise<Next> {
    this.#verified ||= submitted.verified;
    return this.#afterWaiting(submitted, Math.max(0, submitted.earliestAt - this.#dance.context.clock.now()));
  }

  async #afterWaiting(submitted: SubmittedRequest, seconds: number): Promise<Next> {
    // No wait for a decision that would be asked for with a used ticket.
    if (this.#presented.has(submitted.ticket)) throw new UmaError('ticket_unchanged', { step: 8 });
    await this.#patience.waitFor({ ...submitted, verified: this.#verified }, seconds);
    return { ticket: submitted.ticket, evidence: 'nothing', polls: true };
  }

  async #afterNeedInfo(missing: NeedInfo, { evidence }: Next): Promise<Next> {
    this.#missing = missing;
    if (evidence === 'persisted') {
      await this.#forgetPersistedClaims();
      // C12: the ticket's subject stays the same within a process, so that the first resource claims token still belongs to it.
      return this.#withResourceClaims(missing, this.#firstResourceClaims) ?? { ticket: missing.ticket, evidence: 'identity' };
    }
    if (this.#rounds >= MAX_ROUNDS) throw needInfo(missing);
    const { claimsGathering } = this.#dance.options;
    if (missing.redirectUser !== undefined && claimsGathering !== undefined) return this.#gather(missing, claimsGathering);
    const next = this.#withResourceClaims(missing, undefined);
    if (next === undefined) throw needInfo(missing);
    return next;
  }

  /** Decision D1: a fresh resource claims token allows another exchange. Seed 002: the new ticket itself does. */
  #withResourceClaims(missing: NeedInfo, fallback: string | undefined): Next | undefined {
    const { server, url, form } = this.#process;
    const { ticket, resourceClaimsToken } = missing;
    if (form === 'ticket-challenge') return { ticket, evidence: 'identity' };
    if (resourceClaimsToken === undefined) return fallback === undefined ? undefined : { ticket, resourceClaimsToken: fallback, evidence: 'identity' };
    checkResourceClaims(resourceClaimsToken, server.issuer, url, this.#dance.known.resourcePrefixes);
    return { ticket, resourceClaimsToken, evidence: 'identity' };
  }

  /** The person supplies claims in a browser; AS-RO then knows them. */
  async #gather(missing: NeedInfo, { redirectUri, visit }: NonNullable<UmaFetchOptions['claimsGathering']>): Promise<Next> {
    const { server, credentials } = this.#process;
    const { context, deadline } = this.#dance;
    const interaction = beginClaimsInteraction(missing, { clientId: credentials.clientId, redirectUri }, server, context.randomness);
    const ticket = finishClaimsInteraction(interaction, await deadline.pausedFor(() => visit(interaction.url)));
    return { ticket, evidence: 'nothing' };
  }

  /** The person's claims for this ticket; undefined where nothing could bind them to it (a configured resource server, duty vi). */
  async #identify({ ticket, resourceClaimsToken }: Next): Promise<Exchanged | undefined> {
    const { options, context, deadline, ownerUri } = this.#dance;
    const binding = await this.#bindingOf(ticket, resourceClaimsToken);
    if (binding === undefined) return undefined;
    const { issuer, ...credentials } = options.requestingPartyServer;
    const server = await findRequestingPartyServer(issuer, context);
    const missing = this.#missing;
    const subjectToken: SubjectToken = await deadline.pausedFor(() => options.subjectToken(missing));
    // The same person's token gets the same answer: only once may its claims have been stale and are worth another exchange.
    const exhausted = this.#rounds >= 2 ? this.#previous?.subject : undefined;
    if (missing !== undefined && subjectToken.token === exhausted) throw needInfo(missing);
    const asUri = this.#process.server.issuer;
    const token = await exchangeToken({ server, credentials, subjectToken, binding, ownerUri, asUri }, context);
    return { token, subject: subjectToken.token };
  }

  async #bindingOf(ticket: string, resourceClaimsToken: string | undefined): Promise<TicketBinding | undefined> {
    const { form, url } = this.#process;
    if (form !== 'ticket-challenge') return resourceClaimsToken === undefined ? undefined : { resourceClaimsToken };
    const { name } = this.#dance.known.trustedResourceServers.find(({ origin }) => origin === url.origin) ?? {};
    return { ticketChallenge: await ticketChallenge(ticket), name };
  }

  async #forgetPersistedClaims(): Promise<void> {
    await this.#dance.persistedClaims?.remove(this.#process.server.issuer);
  }
}

function needInfo(missing: NeedInfo): UmaError {
  return new UmaError('need_info', { step: 8, status: 403, oauthError: 'need_info', needInfo: missing });
}
