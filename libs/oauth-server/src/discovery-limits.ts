import { z } from 'zod';

/** Configuration field: how many strangers' domains and issuers that are not known yet are asked (A46). */
export function discoveryLimits() {
  return z
    .strictObject({
      /** By all clients together. */
      global: bucket(100, 300),
      /** For one client. */
      perCaller: bucket(20, 10),
    })
    .prefault({});
}

/** A token bucket: `burst` at once, `perMinute` on average. */
function bucket(burst: number, perMinute: number) {
  return z.strictObject({ burst: z.int().positive().default(burst), perMinute: z.int().positive().default(perMinute) }).prefault({});
}
