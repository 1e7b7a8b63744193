import { ProtocolError } from '@uma-federation/uma-core';

/** Rows per statement; far below the statement timeout. */
const MAX_ITEMS = 100;
/** A statement that takes longer, perhaps behind a lock, does not hold up those who came later. */
const PATIENCE_MS = 25;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does with one statement what several requests want at the same time. A lone request goes out at once; those that come while a statement
 * is under way go out together when it is answered. What statements, round trips and commits cost is so shared by the busy, and no one waits for company.
 */
export class StatementBatches<Item, Answer> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Answer[]>;
  #waiting: Waiting<Item, Answer>[] = [];
  #isOpen = true;

  /** @param work one statement; all or nothing, with the answers in the order of the items */
  constructor(work: (items: readonly Item[]) => Promise<readonly Answer[]>) {
    this.#work = work;
  }

  /**
   * The answer for one item.
   * @throws what the statement throws: ProtocolError 503 for every item of a batch alike. Any other refusal is one item's fault;
   *   nothing was written then, and each item is tried by itself to find out whose.
   */
  run(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (!this.#isOpen || this.#waiting.length === 0) return;
    this.#isOpen = false;
    // After everything that has arrived by now has been read.
    setImmediate(() => {
      const batch = this.#waiting.splice(0, MAX_ITEMS);
      const timer = setTimeout(() => this.#open(), PATIENCE_MS);
      void this.#answer(batch).finally(() => {
        clearTimeout(timer);
        this.#open();
      });
    });
  }

  #open(): void {
    this.#isOpen = true;
    this.#next();
  }

  async #answer(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
    } catch (error) {
      const isStoreAway = error instanceof ProtocolError && error.status === 503;
      if (isStoreAway || batch.length === 1) batch.forEach(({ reject }) => reject(error));
      else await Promise.all(batch.map((waiting) => this.#answer([waiting])));
    }
  }
}
