import { describe, expect, it } from '@jest/globals';
import { canonicalTarget } from '@uma-federation/reverse-proxy';
import fc from 'fast-check';
import { renderPath, renderText, templateVariables } from './path-template.ts';

describe('A template', () => {
  it('names its variables once each', () => {
    expect(templateVariables('/users/{owner}/x/{rest*}/{owner}')).toEqual(['owner', 'rest']);
  });

  it('is filled with text as it is', () => {
    expect(renderText('note {id} of {owner}', { id: '1/2', owner: 'ä' })).toBe('note 1/2 of ä');
  });

  it.each([{}, { id: '' }, Object.create({ id: 'inherited' }) as object])('needs a value of its own for each variable, unlike %j', (variables) => {
    expect(() => renderText('note {id}', variables as Record<string, string>)).toThrow('"id" has no value');
  });

  it('makes a canonical path, whose segments no value can add to', () => {
    expect(renderPath('/a/{x}/{y*}', { x: 'b@c+d e', y: 'f/g' })).toBe('/a/b@c+d%20e/f/g');
    for (const x of ['a/b', '..', '.', 'a;b', 'a%2fb', 'a\\b', 'a?b', 'a#b', 'a.', 'a\u0000']) expect(() => renderPath('/a/{x}', { x })).toThrow();
  });

  it('gives one spelling to whatever a request spelled differently', () => {
    const segment = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(segment, fc.func(fc.boolean()), (value, escape) => {
        const spelled = [...value].map((character) => (escape(character) ? encodeURIComponent(character) : character)).join('');
        let path: string;
        try {
          path = canonicalTarget(`/${spelled}`).path;
        } catch {
          return;
        }
        expect(renderPath('/{x}', { x: decodeURIComponent(path.slice(1)) })).toBe(renderPath('/{x}', { x: value }));
      }),
    );
  });
});
