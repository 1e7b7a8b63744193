import type { Clock } from '@uma-federation/uma-core';

/**
 * Lets time pass.
 * @param milliseconds how long, at least
 * @param signal ends it at once: the promise then rejects with the signal's reason
 */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** The wait of the platform's timers. */
export const waitWithTimer: Wait = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });

/**
 * Reads `Retry-After` (RFC 9110 10.2.3): seconds or an HTTP date.
 * @returns seconds from now, not negative; undefined when it is absent or neither
 */
export function readRetryAfter(headers: Headers, clock: Clock): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = /^[A-Z][a-z]{2,8},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil(date / 1000) - clock.now());
}
