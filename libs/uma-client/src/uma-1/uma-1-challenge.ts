import { parseChallenges } from '@uma-federation/uma-core';
import type { JsonObject } from '@uma-federation/uma-core';
import { stringMember } from '../answer-json.ts';
import { UmaError } from '../uma-error.ts';

/** What a resource server of UMA 1.0 answers instead of the resource. */
export interface Uma1Challenge {
  /** `as_uri`; in draft 05 `am_uri`. */
  readonly asUri: string;
  /** With an RPT that is not enough (L3), and always in 1.0.1. */
  readonly ticket?: string | undefined;
}

/** Whether a response is a challenge of UMA 1.0: 401 or 403 with the scheme `UMA`. */
export function isUma1Challenge({ status, headers }: Response): boolean {
  const value = headers.get('www-authenticate');
  return (status === 401 || status === 403) && value !== null && /(^|[,\s])uma\s/i.test(value);
}

/**
 * Reads a challenge of UMA 1.0 (drafts 05 and 07 section 3.1, 1.0.1 section 3.1.1; protocol.md 4.2).
 * @param header `WWW-Authenticate`. The example of draft 07 lacks the comma before `error`: such a header is read up to there.
 * @param body the JSON body, whose `ticket` must not contradict the header's
 * @throws UmaError `challenge_malformed`, `copies_disagree`
 */
export function readUma1Challenge(header: string, body: JsonObject | undefined): Uma1Challenge {
  const challenges = parseChallenges(header) ?? parseChallenges(header.replace(/" (?=error=")/, '", '));
  const [challenge, ...others] = challenges?.filter(({ scheme }) => scheme.toLowerCase() === 'uma') ?? [];
  if (challenge === undefined || others.length > 0) throw new UmaError('challenge_malformed', { step: 4 });
  const named = [challenge.parameters.get('as_uri'), challenge.parameters.get('am_uri')].filter((uri) => uri !== undefined);
  const [asUri] = named;
  if (asUri === undefined || named.some((uri) => uri !== asUri)) throw new UmaError('challenge_malformed', { step: 4 });
  const inHeader = challenge.parameters.get('ticket');
  const inBody = stringMember(body ?? {}, 'ticket');
  if (inHeader !== undefined && inBody !== undefined && inHeader !== inBody) throw new UmaError('copies_disagree', { step: 4 });
  return { asUri, ticket: inHeader ?? inBody };
}
