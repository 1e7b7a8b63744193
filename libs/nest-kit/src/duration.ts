import { z } from 'zod';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^([0-9]{1,9})(ms|s|m|h|d)$/;

/** Configuration field of a time span such as `500ms`, `30s`, `15m`, `12h` or `7d`; the value is in milliseconds. */
export function durationMs() {
  return z
    .string()
    .regex(DURATION, { error: 'a duration with its unit is needed, for example 500ms, 30s, 15m, 12h or 7d' })
    .transform(parseMs);
}

/** Configuration field of a time span such as `30s` or `15m`; the value is in whole seconds. */
export function durationSeconds() {
  return durationMs()
    .refine((ms) => ms % 1000 === 0, { error: 'a duration of whole seconds is needed' })
    .transform((ms) => ms / 1000);
}

function parseMs(text: string): number {
  const [, digits = '', unit = ''] = DURATION.exec(text) ?? [];
  return Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
}
