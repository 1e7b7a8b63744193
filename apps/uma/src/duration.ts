import { UsageError } from './usage-error.ts';

const UNITS_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * A duration with its unit, for example `90s`, `2m`, `1h` or `7d`.
 * @returns seconds
 * @throws UsageError for anything else
 */
export function readDuration(text: string): number {
  const seconds = durationOf(text);
  if (seconds === undefined) throw new UsageError(`"${text}" is not a duration such as 90s, 2m, 1h or 7d.`);
  return seconds;
}

/** When something ends: that long from now, or at a date and time (RFC 3339). */
export type Until = { readonly inSeconds: number } | { readonly at: string };

/** @throws UsageError when it is neither */
export function readUntil(text: string): Until {
  const inSeconds = durationOf(text);
  if (inSeconds !== undefined) return { inSeconds };
  const isDateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDateTime) throw new UsageError(`"${text}" is neither a duration such as 2h nor a date and time such as 2027-01-31T18:00:00Z.`);
  return { at: text };
}

function durationOf(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNITS_SECONDS[unit as keyof typeof UNITS_SECONDS];
}
