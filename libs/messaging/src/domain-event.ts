import type { ClientId, Issuer, ResourceId, ShareId } from '@uma-federation/uma-core';
import { parseJsonObject } from './parse-json.ts';

/** Requesting party tokens of this issuer ended before their time; the revocation feed says which. */
export interface RptRevoked {
  readonly type: 'rpt-revoked';
  readonly issuer: Issuer;
}
/** A client lost its registration: everything that it holds is void. */
export interface ClientRevoked {
  readonly type: 'client-revoked';
  readonly issuer: Issuer;
  readonly clientId: ClientId;
}
/** A share was changed or removed. */
export interface ShareChanged {
  readonly type: 'share-changed';
  readonly shareId: ShareId;
}
/** A resource got another description or was removed, its shares with it. */
export interface ResourceChanged {
  readonly type: 'resource-changed';
  readonly resourceId: ResourceId;
}
/** An authorization server of this domain signs with other keys. */
export interface KeysRotated {
  readonly type: 'keys-rotated';
  readonly issuer: Issuer;
}
/** Nothing of this issuer is accepted any more. */
export interface IssuerBlocked {
  readonly type: 'issuer-blocked';
  readonly issuer: Issuer;
}

/** What every replica of a domain must hear. No e-mail addresses, no tokens: only their identifiers. */
export type DomainEvent = RptRevoked | ClientRevoked | ShareChanged | ResourceChanged | KeysRotated | IssuerBlocked;
export type DomainEventType = DomainEvent['type'];
export type DomainEventOf<T extends DomainEventType> = Extract<DomainEvent, { readonly type: T }>;

const VERSION = 1;

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string' && value !== '' && value.length <= 512;

const MEMBERS: { readonly [T in DomainEventType]: Readonly<Record<Exclude<keyof DomainEventOf<T>, 'type'>, Check>> } = {
  'rpt-revoked': { issuer: isText },
  'client-revoked': { issuer: isText, clientId: isText },
  'share-changed': { shareId: isText },
  'resource-changed': { resourceId: isText },
  'keys-rotated': { issuer: isText },
  'issuer-blocked': { issuer: isText },
};

/**
 * Writes an event as JSON, with the members of its type and no others.
 * @throws TypeError when a member is missing or of the wrong form
 */
export function encodeEvent(event: DomainEvent): string {
  const known = pick(event.type, { ...event });
  if (known === undefined) throw new TypeError(`no valid event of type ${event.type}`);
  return JSON.stringify({ v: VERSION, ...known });
}

/** Reads an event; undefined when it is none, or of a type that is not known here. Does not check that identifiers exist. */
export function decodeEvent(text: string): DomainEvent | undefined {
  const message = parseJsonObject(text);
  return message?.['v'] === VERSION ? pick(message['type'], message) : undefined;
}

function pick(type: unknown, members: Readonly<Record<string, unknown>>): DomainEvent | undefined {
  if (typeof type !== 'string' || !Object.hasOwn(MEMBERS, type)) return undefined;
  const checks = Object.entries<Check>(MEMBERS[type as DomainEventType]);
  if (!checks.every(([name, check]) => check(members[name]))) return undefined;
  return Object.fromEntries([['type', type], ...checks.map(([name]) => [name, members[name]])]) as DomainEvent;
}
