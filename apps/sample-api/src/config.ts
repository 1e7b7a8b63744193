import { z } from 'zod';
import { noteSchema } from './note.ts';

const schema = z.strictObject({
  host: z.string().min(1),
  /** 0 takes a free port; `url` names it once the API listens. */
  port: z.int().min(0).max(65535),
  /** The notes to begin with. */
  notes: z.array(noteSchema),
});

/** The configuration of the sample API. */
export type SampleApiConfig = z.output<typeof schema>;

/** @throws Error naming each member that is missing, unknown or wrong */
export function readConfig(input: unknown): SampleApiConfig {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const complaints = result.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  throw new Error(`The sample API's configuration is wrong:\n  ${complaints.join('\n  ')}`);
}
