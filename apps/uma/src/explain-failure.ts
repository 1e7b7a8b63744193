import { UmaError } from '@uma-federation/uma-client';
import { SignInError } from './sign-in/sign-in-error.ts';
import { EXIT_CODES, exitCodeOfError } from './exit-codes.ts';
import { printable } from './trace/printable.ts';
import { UsageError } from './usage-error.ts';

/**
 * What a person reads when a command fails. Texts from servers are made harmless for the terminal; no token is in them.
 * @returns one or more lines
 */
export function explainFailure(error: unknown): string {
  if (error instanceof UmaError) return explainUmaError(error);
  if (error instanceof UsageError) return `uma: ${printable(error.message)}\n`;
  if (error instanceof SignInError) return `uma: ${printable(error.message)}${causeOf(error)}\n`;
  if (exitCodeOfError(error) === EXIT_CODES.peerFailure) return 'uma: the resource server cannot be reached.\n';
  return `uma: a fault in this program: ${printable(error instanceof Error ? (error.stack ?? error.message) : 'unknown')}\n`;
}

function explainUmaError(error: UmaError): string {
  const where = error.step === undefined ? '' : ` (step ${error.step})`;
  const answer = error.oauthError === undefined ? '' : ` The server said: ${printable(error.oauthError)}.`;
  return `uma: ${error.message}${where}${answer}\n${adviceFor(error)}`;
}

function adviceFor({ category, code, needInfo, submitted, retryAfterSeconds }: UmaError): string {
  if (category === 'duty') return '     No token was sent to the server in question. Do not try again before you know why.\n';
  if (code === 'request_denied') return '     Ask the owner to share it with you.\n';
  if (submitted !== undefined) {
    const wait = submitted.intervalSeconds === undefined ? '' : ` in ${submitted.intervalSeconds} seconds or later`;
    return `     The owner has been asked. Try again${wait}, or let --wait 10m do it.\n`;
  }
  if (code === 'rate_limited' && retryAfterSeconds !== undefined) return `     Try again in ${retryAfterSeconds} seconds.\n`;
  if (needInfo === undefined) return '';
  const claims = needInfo.requiredClaims.map(({ friendlyName, name, claimType }) => `     needed: ${printable(friendlyName ?? name ?? claimType ?? 'a claim')}\n`);
  const level = needInfo.acrValues.length === 0 ? '' : `     sign-in level: ${printable(needInfo.acrValues.join(' or '))}\n`;
  const page = needInfo.redirectUser === undefined ? '' : `     see ${printable(needInfo.redirectUser)}\n`;
  return `${claims.join('')}${level}${page}`;
}

/** The provider's own words (RFC 6749 5.2), if it had any. */
function causeOf({ cause }: SignInError): string {
  const { error, error_description: description } = (cause ?? {}) as { error?: unknown; error_description?: unknown };
  const words = [error, description].filter((text) => typeof text === 'string');
  return words.length === 0 ? '' : ` It said: ${printable(words.join(': '))}`;
}
