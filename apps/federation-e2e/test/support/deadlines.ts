/** Within which a request is answered, whatever is broken: two seconds, a limit of the next server, and a busy machine. */
export const DECIDED_MS = 5_000;
/** UMA challenge without AS-RO: 2 s, and a busy machine. */
export const UNREACHABLE_MS = 3_000;
/** Within which withdrawn access ends. */
export const WITHDRAWN_MS = 5_000;
/** Within which everything works again after a fault is gone, without a restart. */
export const RECOVERED_MS = 30_000;
/** Within which a step that needs a store which is away is refused: 1 s, and a busy machine. */
export const REFUSED_MS = 2_000;
