import { z } from 'zod';

/** A time in the owner API: an RFC 3339 date-time or a NumericDate. */
export const time = z.union([z.iso.datetime({ offset: true }), z.number().int().min(0).max(8_589_934_592)]);

/** A time of the owner API as a NumericDate. */
export function seconds(value: string | number | undefined): number | undefined {
  return typeof value === 'string' ? Math.floor(Date.parse(value) / 1000) : value;
}

/** A NumericDate as an RFC 3339 date-time in UTC. */
export function dateTime(numericDate: number): string {
  return new Date(numericDate * 1000).toISOString();
}
