import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClientId, ResourceId } from '../../model/ids.ts';
import { resourceSetNames } from './resource-set-names.ts';

const HOST = 'photoz' as ClientId;
const name = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.startsWith('res_') && new TextEncoder().encode(text).length <= 120 && text.isWellFormed());

describe('The names of resource sets', () => {
  it('lead to an id and back, whatever characters the host chooses; every store and token can hold the id', async () => {
    const names = await resourceSetNames(HOST);
    fc.assert(
      fc.property(name, (chosen) => {
        const id = names.chosen(chosen);
        expect(id).toMatch(/^res_uma1\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]*$/);
        expect(id.length).toBeLessThanOrEqual(256);
        expect(names.toResourceId(chosen)).toBe(id);
        expect(names.toResourceSetId(id)).toBe(chosen);
      }),
    );
  });

  it('are different for different names, and for different hosts', async () => {
    const [names, others] = [await resourceSetNames(HOST), await resourceSetNames('docz' as ClientId)];
    expect(new Set([names.chosen('a'), names.chosen('A'), names.chosen('a '), others.chosen('a')]).size).toBe(4);
    expect(others.toResourceSetId(names.chosen('a'))).toBe(names.chosen('a'));
  });

  it('leave ids of this server as they are, and none can be chosen', async () => {
    const names = await resourceSetNames(HOST);
    const foreign = (await resourceSetNames('docz' as ClientId)).chosen('a');
    for (const id of ['res_AAAAAAAAAAAAAAAAAAAAAA', 'res_', foreign] as ResourceId[]) {
      expect(names.toResourceId(id)).toBe(id);
      expect(names.toResourceSetId(id)).toBe(id);
      expect(() => names.chosen(id)).toThrow('invalid_request');
    }
    expect(() => names.chosen('é'.repeat(61))).toThrow('invalid_request');
    expect(names.chosen('é'.repeat(60)).length).toBeLessThanOrEqual(256);
  });
});
