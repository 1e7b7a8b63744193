import { UmaError } from '@uma-federation/uma-client';
import type { JsonObject, JsonValue } from '@uma-federation/uma-core';
import type { Until } from '../duration.ts';
import { EXIT_CODES, exitCodeOfResponse, type ExitCode } from '../exit-codes.ts';
import type { OwnerAction, OwnerCommand } from '../owner-arguments.ts';
import { readAnswer } from '../read-answer.ts';
import { asObject, readItems, readString, readStrings } from '../settings/json-file.ts';
import { resolveSettings } from '../settings/resolve-settings.ts';
import { signIn } from '../sign-in/sign-in.ts';
import { SignInError } from '../sign-in/sign-in-error.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../trace/printable.ts';
import { UsageError } from '../usage-error.ts';

const TIMEOUT_MS = 15_000;
/** An ID token that ends this soon is not sent any more. */
const MARGIN_SECONDS = 10;

/** A request to the owner API, and what is printed of its answer. */
interface OwnerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject | undefined;
  readonly print: (document: JsonObject) => string;
}

/** `uma resources`, `shares`, `share`, `unshare`, `requests`, `approve`, `deny`: the owner API of the person's own AS-RO. */
export async function owner(command: OwnerCommand, surroundings: Surroundings): Promise<ExitCode> {
  const { password, browser } = command;
  const settings = await resolveSettings(command.as, { ...command.servers, password, browser }, surroundings);
  if (settings.ownerApi === undefined) throw new UsageError('Which authorization server is yours? Say it with --as-ro URL, or "asRo" in config.json.');
  const idToken = await idTokenOf(command, settings, surroundings);
  const action = await withResourceId(command.action, settings.ownerApi, idToken, surroundings);
  const request = requestOf(action, surroundings.clock.now());
  const response = await send(`${settings.ownerApi}${request.path}`, request, idToken, surroundings);
  const code = exitCodeOfResponse(response);
  if (code === EXIT_CODES.ok) {
    surroundings.stdout.write(request.print(response.status === 204 ? {} : await readAnswer(response)));
    return code;
  }
  surroundings.stderr.write(`${await refusal(response)}\n`);
  return code;
}

/** A resource may be named by its URL, too: the owner API says which id that is. */
async function withResourceId(action: OwnerAction, ownerApi: string, idToken: string, surroundings: Surroundings): Promise<OwnerAction> {
  if (action.kind !== 'share' || !URL.canParse(action.share.resourceId)) return action;
  const url = new URL(action.share.resourceId).href;
  const response = await send(`${ownerApi}/resources`, { method: 'GET' }, idToken, surroundings);
  const found = response.ok ? readItems(await readAnswer(response), 'resources').map(asObject).find((entry) => entry?.['uri'] === url) : undefined;
  if (found === undefined) throw new UsageError('None of your resources has this URL. Try "uma resources".');
  return { ...action, share: { ...action.share, resourceId: text(found, '_id') } };
}

function requestOf(action: OwnerAction, now: number): OwnerRequest {
  switch (action.kind) {
    case 'resources':
      return { method: 'GET', path: '/resources', print: (document) => table(document, 'resources', resourceLine) };
    case 'shares':
      return { method: 'GET', path: '/shares', print: (document) => table(document, 'shares', shareLine) };
    case 'requests':
      return { method: 'GET', path: '/requests', print: (document) => table(document, 'requests', requestLine) };
    case 'share': {
      const { resourceId, scopes, grantee, until, conditions } = action.share;
      const body = { resource_id: resourceId, scopes, grantee, ...endOf(until, now), ...(conditions === undefined ? {} : { conditions }) } as JsonObject;
      return { method: 'POST', path: '/shares', body, print: (document) => `${printable(shareLine(document))}\n` };
    }
    case 'unshare':
      return { method: 'DELETE', path: `/shares/${encodeURIComponent(action.id)}`, print: () => 'No longer shared.\n' };
    case 'approve': {
      const body = { ...(action.scopes === undefined ? {} : { scopes: action.scopes }), ...endOf(action.until, now) };
      return { method: 'POST', path: `/requests/${encodeURIComponent(action.id)}/approve`, body, print: (document) => table(document, 'shares', shareLine) };
    }
    case 'deny':
      return { method: 'POST', path: `/requests/${encodeURIComponent(action.id)}/deny`, print: () => 'Denied.\n' };
  }
}

function endOf(until: Until | undefined, now: number): JsonObject {
  if (until === undefined) return {};
  return { expires_at: 'at' in until ? until.at : now + until.inSeconds };
}

/** The owner API takes ID tokens (Decision D12). A kept sign-in that has none any more is made anew. */
async function idTokenOf(command: OwnerCommand, settings: Parameters<typeof signIn>[0], surroundings: Surroundings): Promise<string> {
  for (const demand of [undefined, { acrValues: [] }]) {
    const { idToken } = await signIn(settings, command, demand, surroundings);
    if (idToken !== undefined && idToken.expiresAt - MARGIN_SECONDS > surroundings.clock.now()) return idToken.token;
  }
  throw new SignInError('The identity provider gave no ID token that lasts.');
}

async function send(url: string, { method, body }: Pick<OwnerRequest, 'method' | 'body'>, idToken: string, surroundings: Surroundings): Promise<Response> {
  const headers = { authorization: `Bearer ${idToken}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const init = { method, headers, redirect: 'error' as const, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return surroundings.fetch(url, init).catch((cause: unknown) => {
    throw new UmaError('peer_unreachable', { cause });
  });
}

async function refusal(response: Response): Promise<string> {
  const { status } = response;
  const document = await readAnswer(response).catch((): JsonObject => ({}));
  const words = [readString(document, 'error'), readString(document, 'error_description')].filter((text) => text !== undefined);
  return `The authorization server answered ${status}${words.length === 0 ? '.' : `: ${printable(words.join(': '))}`}`;
}

function table(document: JsonObject, name: string, line: (entry: JsonObject) => string): string {
  return readItems(document, name)
    .map((item) => `${printable(line(asObject(item) ?? {}))}\n`)
    .join('');
}

function resourceLine(entry: JsonObject): string {
  return `${text(entry, '_id')}  ${readStrings(entry, 'resource_scopes').join(' ')}  ${readString(entry, 'name') ?? ''}  ${readString(entry, 'uri') ?? ''}`.trimEnd();
}

function shareLine(entry: JsonObject): string {
  const until = readString(entry, 'expires_at');
  const conditions = asObject(entry['conditions']) ?? {};
  const asked = conditions['ask'] === true ? ', after asking' : '';
  return `${text(entry, 'id')}  ${text(entry, 'resource_id')}  ${readStrings(entry, 'scopes').join(' ')}  with ${granteeText(asObject(entry['grantee']) ?? {})}${asked}${until === undefined ? '' : `, until ${until}`}`;
}

function granteeText(grantee: JsonObject): string {
  const domain = readString(grantee, 'domain');
  if (grantee['anyone'] === true) return grantee['unidentified'] === true ? 'anyone, unidentified too' : 'anyone';
  return readString(grantee, 'email') ?? (domain === undefined ? '?' : `everybody at ${domain}`);
}

function requestLine(entry: JsonObject): string {
  const wanted = readItems(entry, 'permissions').map((item: JsonValue) => {
    const permission = asObject(item) ?? {};
    return `${text(permission, 'resource_id')} ${readStrings(permission, 'resource_scopes').join(' ')}`;
  });
  return `${text(entry, 'id')}  ${text(entry, 'status')}  ${text(entry, 'requesting_party')} (client ${text(entry, 'client_id')}) wants ${wanted.join('; ')}, since ${text(entry, 'created_at')}`;
}

function text(entry: JsonObject, name: string): string {
  return readString(entry, name) ?? '?';
}
