/** Time as the forwarder sees it; replaced in tests. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  nowEpochMs(): number;
  /** Runs `action` once after `delayMs` milliseconds; the returned function prevents it. */
  after(delayMs: number, action: () => void): () => void;
}

// setTimeout takes 32 bits; a longer delay would fire at once. Ending a stream early is the safe side.
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The clock of this machine; its timers do not keep a process alive. */
export const systemClock: Clock = {
  nowEpochMs: () => Date.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.min(delayMs, LONGEST_DELAY_MS)).unref();
    return () => clearTimeout(timer);
  },
};
