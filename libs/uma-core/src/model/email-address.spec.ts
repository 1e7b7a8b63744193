import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDomain, parseEmailAddress } from './email-address.ts';

describe('An e-mail address', () => {
  it('keeps the local part byte-exact and the domain as a lower-case A-label', () => {
    expect(parseEmailAddress('Bob.O+x@Globex.Example')).toEqual({ address: 'Bob.O+x@globex.example', localPart: 'Bob.O+x', domain: 'globex.example' });
    expect(parseEmailAddress('bob@bücher.example')?.domain).toBe('xn--bcher-kva.example');
  });

  it('parses its own canonical spelling to itself (property)', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    fc.assert(
      fc.property(label, label, (local, name) => {
        const parsed = parseEmailAddress(`${local}@${name}.example`);
        expect(parsed === undefined || parseEmailAddress(parsed.address)?.address === parsed.address).toBe(true);
      }),
    );
  });
});

describe('A32 Multi-@ addresses', () => {
  it.each(['bob@bar.example@evil.com', '"a@bar.example"@evil.com', 'bob@@bar.example', '@bar.example', 'bob@', 'bob', 'bob@bar.example@'])('refuses %s', (text) => {
    expect(parseEmailAddress(text)).toBeUndefined();
  });
});

describe('A33 Homograph domains', () => {
  it('tells a Cyrillic label from the ASCII one', () => {
    // All-Cyrillic label that looks like "bar": a domain of its own, never equal to the ASCII entry.
    expect(parseEmailAddress('bob@ваг.example')?.domain).toMatch(/^xn--/);
  });

  it.each(['bob@b\u0430r.example', 'bob@bar\u00AD.example', 'bob@ba\u200Dr.example', 'bob@\uFF42\uFF41\uFF52.example', 'bob@bar\u3002example', 'bob@ba\u202Er.example'])(
    'refuses %j',
    (text) => {
      expect(parseEmailAddress(text)).toBeUndefined();
    },
  );

  it('takes dotless i for what it is', () => {
    expect(parseEmailAddress('bob@bıng.example')?.domain).not.toBe('bing.example');
  });
});

describe('A34 Syntax of the local part', () => {
  it.each([`${'a'.repeat(65)}@bar.example`, 'bo b@bar.example', 'bob\u0000@bar.example', 'bob\r\n@bar.example', 'bob(x)@bar.example', '.bob@bar.example', 'bob.@bar.example', 'b..b@bar.example', 'böb@bar.example', 'b%40b@bar.example', 'b/b@bar.example', 'b:b@bar.example'])(
    'refuses %j',
    (text) => {
      expect(parseEmailAddress(text)).toBeUndefined();
    },
  );
});

describe('A domain', () => {
  it.each(['localhost', 'x.local', 'x.internal', '127.0.0.1', '[::1]', '0x7f.1', '2130706433', 'bar', 'bar.example.', '.bar.example', 'bar..example', '-bar.example', 'bar_x.example', 'bar.example:80', 'bar.example/x', 'user@bar.example', `${'a'.repeat(64)}.example`, 'ab--c.example', ''])(
    'is not %j',
    (text) => {
      expect(parseDomain(text)).toBeUndefined();
    },
  );
});
