import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Secret, secret } from './secret.ts';

describe('Secret', () => {
  const text = 'correct-horse-battery-staple';

  it.each<[string, (value: Secret) => string]>([
    ['a template', (value) => `${value as unknown as string}`],
    ['String()', (value) => String(value)],
    ['JSON', (value) => JSON.stringify({ value })],
    ['util.inspect, also deep inside and with hidden members', (value) => inspect({ a: [{ value }] }, { depth: 9, showHidden: true })],
    ['Object.entries', (value) => JSON.stringify(Object.entries(value))],
  ])('does not show its text in %s', (_place, show) => {
    expect(show(new Secret(text))).not.toContain(text);
  });

  it('reveals its text when asked', () => {
    expect(new Secret(text).reveal()).toBe(text);
  });
});

describe('secret()', () => {
  it('accepts a text and a Secret', () => {
    expect(secret().parse('abc').reveal()).toBe('abc');
    expect(secret().parse(new Secret('abc')).reveal()).toBe('abc');
  });

  it('refuses a short secret without repeating it', () => {
    const result = secret({ minLength: 32 }).safeParse('short-one');
    expect(result.success).toBe(false);
    expect(inspect(result.error)).not.toContain('short-one');
  });
});
