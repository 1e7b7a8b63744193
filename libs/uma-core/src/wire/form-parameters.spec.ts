import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../errors/protocol-error.ts';
import { parseForm } from './form-parameters.ts';

describe('A form body', () => {
  it('refuses a single-valued parameter that is repeated, and permits resource and audience to repeat', () => {
    const form = parseForm('ticket=a&ticket=b&resource=https://a.example&resource=https://b.example');
    expect(() => form.single('ticket')).toThrow(ProtocolError);
    expect(form.all('resource')).toEqual(['https://a.example', 'https://b.example']);
  });

  it('takes names as they are: brackets, other case and prototype names are other parameters [G10]', () => {
    const form = parseForm('ticket[]=a&Ticket=b&ticket[x]=c&__proto__=d');
    expect(form.single('ticket')).toBeUndefined();
    expect(form.single('__proto__')).toBe('d');
    expect(form.single('constructor')).toBeUndefined();
  });

  it('accepts raw hash, comma and space', () => {
    expect(parseForm('resource=https://a.example/x#y,z w').single('resource')).toBe('https://a.example/x#y,z w');
  });

  it('refuses more than 64 parameters', () => {
    expect(() => parseForm(Array.from({ length: 65 }, (_, i) => `a${i}=1`).join('&'))).toThrow(ProtocolError);
  });
});
