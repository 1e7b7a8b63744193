import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSharedNote, startFederation } from '@uma-federation/federation-app';
import { inProcessFederation, type InProcessFederation } from './support/in-process-federation.ts';

let federation: InProcessFederation;
beforeAll(async () => {
  federation = await inProcessFederation();
});
afterAll(() => federation.stop());

describe('npm start', () => {
  it('shows the ten steps by reading the note itself', async () => {
    const steps: number[] = [];
    const { status } = await readSharedNote(federation.manifest, ({ number }) => steps.push(number));
    expect([status, steps]).toEqual([200, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
  });

  it('says which ports are in use instead of starting halfway', async () => {
    const { portBase, dataDirectory } = federation;
    await expect(startFederation({ fresh: false, portBase, dataDirectory })).rejects.toThrow(new RegExp(`Ports ${portBase}, .* in use.*--port-base`));
  });
});
