import { randomBytes } from 'node:crypto';

/** A place in a trace (W3C Trace Context). */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** The one flag that version 00 knows: whether the caller may have recorded its part. Passed on as it came. */
  readonly sampled: boolean;
}

/** W3C Trace Context 3.2.2: version, trace-id, parent-id, trace-flags; a later version may have more after another "-". */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-[^,]*)?$/;
const MAX_LENGTH = 512;
const SAMPLED = 0x01;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/**
 * Reads a `traceparent`. Version ff is invalid, version 00 ends after the flags, and of a later one only what version 00 has is taken
 * (W3C Trace Context 4.3). Does not look at `tracestate`.
 * @param value of the one header; several, which Node joins with a comma, are none
 * @returns undefined when it is not valid: then a new trace begins
 */
export function parseTraceparent(value: string): TraceContext | undefined {
  const match = value.length > MAX_LENGTH ? null : TRACEPARENT.exec(value);
  if (match === null || (match[1] === '00' && match[4] !== undefined)) return undefined;
  return { traceId: match[2] ?? '', sampled: (Number.parseInt(match[3] ?? '', 16) & SAMPLED) !== 0 };
}

/** Begins a trace, unsampled: nobody has recorded anything. */
export function newTrace(): TraceContext {
  return { traceId: randomHex(TRACE_ID_BYTES), sampled: false };
}

/** A fresh span id: 16 hexadecimal digits, not all zero. */
export function newSpanId(): string {
  return randomHex(SPAN_ID_BYTES);
}

/** Writes a `traceparent` of version 00. Flags that version 00 does not know are zero. */
export function serialiseTraceparent({ traceId, sampled }: TraceContext, spanId: string): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

const ZEROS = '0'.repeat(TRACE_ID_BYTES * 2);
const POOL_BYTES = 4_096;
let pool = '';
let used = 0;

/** Random bytes are fetched for many ids at once: a call into the system for each would be the dearest part of a trace. They are no secrets. */
function randomHex(bytes: number): string {
  if (used + bytes * 2 > pool.length) {
    pool = randomBytes(POOL_BYTES).toString('hex');
    used = 0;
  }
  const hex = pool.slice(used, (used += bytes * 2));
  return hex === ZEROS.slice(0, bytes * 2) ? randomHex(bytes) : hex;
}
