import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ChunkFraming, type ChunkScan } from './chunk-framing.ts';

function scanAll(text: string, cuts: readonly number[] = []): ChunkScan {
  const octets = Buffer.from(text, 'latin1');
  const framing = new ChunkFraming();
  const ends = [...new Set(cuts.map((cut) => cut % (octets.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, octets.length]) {
    const scan = framing.scan(octets.subarray(start, end), 0);
    if (scan !== 'more') return scan;
    start = end;
  }
  return 'more';
}

describe('A85 request smuggling, chunk framing', () => {
  it.each([
    ['0\r\n\r\n', 'done'],
    ['5\r\nhello\r\n0\r\n\r\n', 'done'],
    ['a\r\n0123456789\r\n0\r\nX-T: y\r\n\r\n', 'done'],
    ['0005\r\nhello\r\n000\r\n', 'done'],
    ['1f', 'more'],
    ['5\r\nhel', 'more'],
    ['5;a=b\r\nhello\r\n0\r\n\r\n', 'refused'],
    ['5;', 'refused'],
    ['5 \r\n', 'refused'],
    ['5\n', 'refused'],
    ['5\r\r', 'refused'],
    ['\r\n', 'refused'],
    ['0x5\r\n', 'refused'],
    ['-1\r\n', 'refused'],
    ['g\r\n', 'refused'],
    ['00000000000005\r\n', 'refused'],
    ['4\r\nhello\r\n', 'refused'],
    ['6\r\nhello\r\n0\r\n', 'refused'],
    ['5\r\nhello\n0\r\n', 'refused'],
    ['0;a=b\r\n\r\n', 'refused'],
  ])('finds %j %s, wherever the packets end', (text, expected) => {
    fc.assert(fc.property(fc.array(fc.nat(40), { maxLength: 6 }), (cuts) => expect(scanAll(text, cuts)).toBe(expected)), { numRuns: 60 });
    expect(scanAll(text, Array.from(text, (_, index) => index))).toBe(expected);
  });

  it('lets every body through that is framed plainly', () => {
    const bodies = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1 }));
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(200)), (chunks, cuts) => {
        const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
        expect(scanAll(`${framed}0\r\n\r\n`, cuts)).toBe('done');
      }),
    );
  });
});
