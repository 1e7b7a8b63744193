import { generateKeyPairSync } from 'node:crypto';
import { DiscoveryFailure, parseEmailAddress, type Clock, type EmailAddress, type JsonObject, type JsonValue } from '@uma-federation/uma-core';
import type { GuardedFetch } from '../src/guarded-fetch.ts';
import { STRICT_URL_POLICY } from '../src/url-policy.ts';

/** What a made-up stranger answers at a URL; a string is the reason of a DiscoveryFailure. */
export type FakeAnswer =
  | string
  | { readonly status?: number; readonly json?: JsonValue; readonly headers?: Readonly<Record<string, string>>; readonly url?: string };

/** A guarded fetch on made-up strangers. `asked` lists the URLs without their query; unknown URLs answer 404. */
export interface FakeStrangers extends GuardedFetch {
  readonly asked: string[];
  readonly queries: URLSearchParams[];
  answers: Readonly<Record<string, FakeAnswer>>;
}

export function fakeStrangers(answers: Readonly<Record<string, FakeAnswer>>): FakeStrangers {
  const fetch = async (url: string): Promise<Awaited<ReturnType<GuardedFetch>>> => {
    const bare = url.replace(/\?.*$/, '');
    strangers.asked.push(bare);
    strangers.queries.push(new URL(url).searchParams);
    await new Promise(setImmediate);
    const answer = strangers.answers[bare] ?? { status: 404 };
    if (typeof answer === 'string') throw new DiscoveryFailure(answer);
    return { status: answer.status ?? 200, headers: answer.headers ?? {}, url: answer.url ?? url, ...(answer.json === undefined ? {} : { json: answer.json }) };
  };
  const strangers: FakeStrangers = Object.assign(fetch, { policy: STRICT_URL_POLICY, asked: [], queries: [], answers });
  return strangers;
}

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  seconds = 1_900_000_000;

  now(): number {
    return this.seconds;
  }

  advance(seconds: number): void {
    this.seconds += seconds;
  }
}

export function address(text: string): EmailAddress {
  const parsed = parseEmailAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** A fresh public P-256 key as JWK. */
export function ecKey(kid: string, members: JsonObject = {}): JsonObject {
  return { ...(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as JsonObject), kid, ...members };
}
