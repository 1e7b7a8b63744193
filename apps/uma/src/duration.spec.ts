import { describe, expect, it } from '@jest/globals';
import { readDuration, readUntil } from './duration.ts';
import { UsageError } from './usage-error.ts';

describe('A duration', () => {
  it.each([['90s', 90], ['2m', 120], ['1h', 3600], ['7d', 604_800], ['0s', 0]])('%s is %d seconds', (text, seconds) => {
    expect(readDuration(text)).toBe(seconds);
  });

  it.each(['', '2', 'm', '2 m', '-2m', '2w', '1.5h', '99999999s'])('%p is none', (text) => {
    expect(() => readDuration(text)).toThrow(UsageError);
  });
});

describe('An end', () => {
  it('is a duration or a date and time with its zone', () => {
    expect(readUntil('2h')).toEqual({ inSeconds: 7200 });
    for (const at of ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.5+01:00']) expect(readUntil(at)).toEqual({ at });
    for (const text of ['tomorrow', '2027-01-31', '2027-01-31T18:00:00', '2027-13-31T18:00:00Z']) expect(() => readUntil(text)).toThrow(UsageError);
  });
});
