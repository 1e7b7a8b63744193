import { describe, expect, it } from '@jest/globals';
import { streamDeadlineEpochMs } from './stream-deadline.ts';

describe('A93 The end of a stream', () => {
  it('is the end of its token, or of the tolerance when it was accepted only because clocks differ', () => {
    expect(streamDeadlineEpochMs(1_000, 900)).toBe(1_000_000);
    expect(streamDeadlineEpochMs(1_000, 999)).toBe(1_000_000);
    expect(streamDeadlineEpochMs(1_000, 1_000)).toBe(1_060_000);
  });
});
