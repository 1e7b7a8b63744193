import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const SIZE = /^([0-9]{1,9})(B|KiB|MiB|GiB)$/;

/** Configuration field of a size such as `512B`, `64KiB`, `10MiB` or `1GiB`; the value is in bytes. */
export function byteSize() {
  return z
    .string()
    .regex(SIZE, { error: 'a size with its unit is needed, for example 512B, 64KiB or 10MiB' })
    .transform((text) => {
      const [, digits = '', unit = ''] = SIZE.exec(text) ?? [];
      return Number(digits) * (UNITS[unit] ?? Number.NaN);
    });
}
