import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { namesOf } from './flows/names-of.ts';
import { flowPage } from './flows/page.ts';
import { FLOWS } from './flows/all-flows.ts';
import { Recorder } from './flows/recorder.ts';
import { RawClient } from './support/raw-client.ts';
import { systemTestEnvironment } from './support/test-way.ts';

let federation: FederationUnderTest;
beforeAll(async () => {
  federation = await startForTest();
});
afterAll(() => federation.stop());

const FOLDER = fileURLToPath(new URL('../../../docs/protocol/flows/', import.meta.url));
const { updatePages } = systemTestEnvironment();

describe('The pages of docs/protocol/flows', () => {
  it.each(FLOWS.map((flow) => [flow.file, flow] as const))('show what is on the wire: %s', async (file, { title, play }) => {
    const recorder = new Recorder(federation.fetch);
    const { manifest } = federation;
    const stage = {
      federation,
      recorder,
      client: new RawClient({ manifest, fetch: recorder.fetch }),
      quiet: new RawClient(federation),
      say: (text: string) => recorder.say(text),
    };
    await play(stage);
    const page = flowPage(title, recorder.items, namesOf(federation));
    if (updatePages) {
      await mkdir(FOLDER, { recursive: true });
      await writeFile(`${FOLDER}${file}.md`, page);
    }
    expect(page).toBe(await readFile(`${FOLDER}${file}.md`, 'utf8'));
  });
});
