import type { TraceStep } from '@uma-federation/uma-client';

/** Members of messages that tell a step best; tokens among them are shortened. */
const TELLING = ['grant_type', 'resource', 'error', 'as_uri', 'ticket', 'resource_claims_token', 'token_type', 'expires_in', 'access_token'] as const;
const SHORT = 28;

/**
 * One step of the ten as lines for a person: number, title, what was sent or received. Tokens are shortened to their first and last characters.
 */
export function stepLines({ number, title, request, response }: TraceStep): readonly string[] {
  const head = `${String(number).padStart(2)}  ${title}`;
  const sent = request === undefined ? [] : [`${request.method} ${request.url}`, ...telling(request.form)];
  const received = response === undefined ? [] : [`HTTP ${response.status}`, ...telling(response.body)];
  return [head, ...[...sent, ...received].map((line) => `      ${line}`)];
}

function telling(members: Readonly<Record<string, unknown>> | undefined): string[] {
  return TELLING.flatMap((name) => {
    const value = members?.[name];
    return typeof value === 'string' || typeof value === 'number' ? [`${name}: ${shorten(String(value))}`] : [];
  });
}

/** A compact JWS keeps its first and last characters; everything else is shown as it is. */
function shorten(value: string): string {
  return value.split('.').length >= 3 && value.length > 100 ? `${value.slice(0, SHORT - 8)}…${value.slice(-8)} (${value.length} characters)` : value;
}
