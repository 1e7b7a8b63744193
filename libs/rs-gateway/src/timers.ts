import type { Clock as ForwarderClock } from '@uma-federation/reverse-proxy';

/** Things that happen later; replaced in tests. */
export type Timers = Pick<ForwarderClock, 'after'>;
