import { describe, expect, it } from '@jest/globals';
import { newSpanId, newTrace, parseTraceparent, serialiseTraceparent } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('parseTraceparent (W3C Trace Context)', () => {
  it.each<[string, string, boolean]>([
    ['sampled', `00-${TRACE}-${PARENT}-01`, true],
    ['not sampled', `00-${TRACE}-${PARENT}-00`, false],
    ['flags of later versions', `00-${TRACE}-${PARENT}-fe`, false],
    ['a later version of the same length', `cc-${TRACE}-${PARENT}-01`, true],
    ['a later version with more', `cc-${TRACE}-${PARENT}-01-what-the-future-holds`, true],
  ])('takes trace id and sampling flag: %s', (_what, value, sampled) => {
    expect(parseTraceparent(value)).toEqual({ traceId: TRACE, sampled });
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['a long parent id', `00-${TRACE}-${PARENT}0-01`],
    ['no flags', `00-${TRACE}-${PARENT}`],
    ['flags cut short', `00-${TRACE}-${PARENT}-1`],
    ['version 00 with more', `00-${TRACE}-${PARENT}-01-more`],
    ['a later version with more that is not set apart', `cc-${TRACE}-${PARENT}-01.more`],
    ['a version that is none', `.0-${TRACE}-${PARENT}-01`],
    ['something that is no hexadecimal digit', `00-${TRACE.slice(1)}g-${PARENT}-01`],
    ['white space', ` 00-${TRACE}-${PARENT}-01`],
    ['a line break', `00-${TRACE}-${PARENT}-01\n`],
    ['two headers, joined', `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
    ['two headers of a later version, joined', `cc-${TRACE}-${PARENT}-01-x, cc-${TRACE}-${PARENT}-01`],
    ['a later version of any length', `cc-${TRACE}-${PARENT}-01-${'x'.repeat(500)}`],
  ])('refuses %s', (_what, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it('reads what it writes, the sampling flag unchanged', () => {
    for (const sampled of [true, false]) {
      const context = { ...newTrace(), sampled };
      expect(parseTraceparent(serialiseTraceparent(context, newSpanId()))).toEqual(context);
    }
  });
});

describe('newTrace', () => {
  it('gives every trace an id of its own, unsampled', () => {
    const traces = Array.from({ length: 1_000 }, newTrace);
    expect(new Set(traces.map(({ traceId }) => traceId)).size).toBe(1_000);
    expect(traces.every(({ traceId, sampled }) => /^[0-9a-f]{32}$/.test(traceId) && !sampled)).toBe(true);
  });
});
