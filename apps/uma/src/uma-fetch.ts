import { createUma1Fetch, createUmaFetch, type NeedInfo, type SubjectToken, type SubmittedRequest, type UmaFetchOptions } from '@uma-federation/uma-client';
import type { FlowFlags } from './arguments.ts';
import type { SignInFlags } from './flags.ts';
import type { Settings } from './settings/resolve-settings.ts';
import { signIn, type Attempt } from './sign-in/sign-in.ts';
import type { Surroundings } from './surroundings.ts';
import { paintWith } from './trace/paint.ts';
import { TracePrinter } from './trace/trace-printer.ts';
import { UsageError } from './usage-error.ts';

/** What decides how a resource is fetched. */
export type FetchFlags = FlowFlags & SignInFlags & { readonly owner?: string | undefined };

/**
 * The fetch of one command: it signs the person in when a challenge makes it necessary, not before.
 * @throws UsageError when `owner` is no e-mail address
 */
export function umaFetchOf(flags: FetchFlags, settings: Settings, surroundings: Surroundings): (url: URL, init?: RequestInit) => Promise<Response> {
  const options = optionsOf(flags, settings, surroundings);
  if (flags.flow === 'uma-1') return createUma1Fetch(options);
  const { waitSeconds = 0, flow, claimsWhenAsked } = flags;
  try {
    return createUmaFetch({
      ...options,
      ownerPatienceMs: waitSeconds * 1000,
      onSubmitted: (submitted) => void surroundings.stderr.write(waitingLine(submitted, surroundings)),
      ...(flow === 'ticket-challenge' ? { dialect: flow } : {}),
      ...(flow === 'oauth' ? { profile: flow } : {}),
      ...(claimsWhenAsked === true ? { pushClaims: 'when-asked' } : {}),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError('--owner is not an e-mail address.');
    throw error;
  }
}

function optionsOf(flags: FetchFlags, settings: Settings, surroundings: Surroundings): UmaFetchOptions {
  const { asRqp, client, resourceOwnerClient, trustedResourceServers } = settings;
  const printer = new TracePrinter(paintWith(surroundings.colours));
  return {
    subjectToken: subjectTokenOf(flags, settings, surroundings),
    requestingPartyServer: { issuer: asRqp, ...client },
    resourceOwnerClient,
    trustedResourceServers,
    ownerEmail: flags.owner,
    fetch: surroundings.fetch,
    clock: surroundings.clock,
    wait: surroundings.wait,
    ...(flags.trace ? { onStep: (step) => void surroundings.stderr.write(printer.print(step)) } : {}),
  };
}

/**
 * Signs in at the first challenge; once more, in the browser, when a better sign-in is demanded (RFC 9470). The same token otherwise:
 * that tells uma-client that there is no better one.
 */
function subjectTokenOf(flags: SignInFlags, settings: Settings, surroundings: Surroundings): (missing?: NeedInfo) => Promise<SubjectToken> {
  let attempt: Attempt | undefined;
  let steppedUp = false;
  return async (missing) => {
    const demand = missing !== undefined && (missing.acrValues.length > 0 || missing.maxAgeSeconds !== undefined) ? missing : undefined;
    if (attempt === undefined) attempt = await signIn(settings, flags, demand, surroundings);
    else if (demand !== undefined && attempt.how !== 'password' && !steppedUp) {
      steppedUp = true;
      surroundings.stderr.write('The owner demands a stronger or fresher sign-in.\n');
      attempt = await signIn(settings, flags, demand, surroundings);
    }
    return attempt.subjectToken;
  };
}

function waitingLine({ earliestAt }: SubmittedRequest, { clock }: Surroundings): string {
  return `The owner has been asked. Asking again in ${Math.max(1, earliestAt - clock.now() - 1)} seconds.\n`;
}
