import { describe, expect, it } from '@jest/globals';
import { byteSize } from './byte-size.ts';
import { durationMs, durationSeconds } from './duration.ts';

describe('durations', () => {
  it.each([['500ms', 500], ['30s', 30_000], ['15m', 900_000], ['12h', 43_200_000], ['7d', 604_800_000]])('reads %s as %d ms', (text, expected) => {
    expect(durationMs().parse(text)).toBe(expected);
  });

  it('gives whole seconds where seconds are asked for', () => {
    expect(durationSeconds().parse('15m')).toBe(900);
    expect(durationSeconds().safeParse('1500ms').success).toBe(false);
  });

  it.each(['15', '15 m', '-1s', '1.5h', 's', '1w', '', 15])('refuses %p', (text) => {
    expect(durationMs().safeParse(text).success).toBe(false);
  });
});

describe('byte sizes', () => {
  it.each([['512B', 512], ['64KiB', 65_536], ['10MiB', 10_485_760], ['1GiB', 1_073_741_824]])('reads %s as %d bytes', (text, expected) => {
    expect(byteSize().parse(text)).toBe(expected);
  });

  it.each(['64', '64KB', '64 KiB', '-1B', 64])('refuses %p', (text) => {
    expect(byteSize().safeParse(text).success).toBe(false);
  });
});
