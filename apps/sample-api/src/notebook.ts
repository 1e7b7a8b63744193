import type { Note } from './note.ts';

/** Notes in memory, lost when the process ends. */
export class Notebook {
  readonly #byOwner = new Map<string, Map<string, Note>>();

  constructor(notes: readonly Note[]) {
    for (const note of notes) this.put(note);
  }

  /** All notes of an owner, in the order in which they were made; none for an owner nobody knows. */
  list(owner: string): Note[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])];
  }

  find(owner: string, id: string): Note | undefined {
    return this.#byOwner.get(owner)?.get(id);
  }

  /** @returns whether the note is new */
  put(note: Note): boolean {
    const notes = this.#byOwner.get(note.owner) ?? new Map<string, Note>();
    this.#byOwner.set(note.owner, notes);
    const isNew = !notes.has(note.id);
    notes.set(note.id, note);
    return isNew;
  }

  /** @returns whether there was such a note */
  remove(owner: string, id: string): boolean {
    return this.#byOwner.get(owner)?.delete(id) ?? false;
  }
}
