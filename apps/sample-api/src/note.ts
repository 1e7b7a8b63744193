import { z } from 'zod';

/** Owner and id are path segments of one to 64 unreserved characters, taken as they are: `Alice` is not `alice`. */
const segment = z.string().regex(/^[A-Za-z0-9._~-]{1,64}$/);
const title = z.string().min(1).max(200);
const text = z.string().max(20_000);

export const noteSchema = z.strictObject({ id: segment, title, text, owner: segment });

/** A note. `owner` is the local part of an e-mail address, such as `alice`. */
export type Note = z.output<typeof noteSchema>;

const bodySchema = z.strictObject({ title, text, id: z.string().optional(), owner: z.string().optional() });

/**
 * Reads the body of a PUT. `id` and `owner` may be left out, but not differ from the path.
 * @returns the note, or undefined when the body or the path is not one of a note
 */
export function readNote(owner: string, id: string, body: unknown): Note | undefined {
  const content = bodySchema.safeParse(body);
  if (!content.success) return undefined;
  const note = noteSchema.safeParse({ id, owner, ...content.data });
  return note.success && note.data.id === id && note.data.owner === owner ? note.data : undefined;
}
