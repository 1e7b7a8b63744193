import { describe, expect, it } from '@jest/globals';
import { invalidRequest, temporarilyUnavailable } from '@uma-federation/uma-core';
import { StatementBatches } from './statement-batches.ts';

/** A statement that answers when the test says so. */
class HeldStatements {
  readonly items: (readonly number[])[] = [];
  readonly #ends: ((fault?: Error) => void)[] = [];

  readonly work = (items: readonly number[]): Promise<readonly string[]> => {
    this.items.push(items);
    return new Promise((resolve, reject) => {
      this.#ends.push((fault) => (fault === undefined ? resolve(items.map((item) => `answer ${item}`)) : reject(fault)));
    });
  };

  end(index: number, fault?: Error): void {
    this.#ends[index]?.(fault);
  }

  async started(count: number): Promise<void> {
    while (this.items.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('StatementBatches', () => {
  it('sends a lone item at once, and together what came while that was under way; each gets its own answer', async () => {
    const statements = new HeldStatements();
    const batches = new StatementBatches(statements.work);
    const first = batches.run(1);
    await statements.started(1);
    const others = [batches.run(2), batches.run(3)];
    statements.end(0);
    expect(await first).toBe('answer 1');
    await statements.started(2);
    statements.end(1);
    expect(await Promise.all(others)).toEqual(['answer 2', 'answer 3']);
    expect(statements.items).toEqual([[1], [2, 3]]);
  });

  it('does not wait for a statement that is held up', async () => {
    const statements = new HeldStatements();
    const batches = new StatementBatches(statements.work);
    const stuck = batches.run(1);
    await statements.started(1);
    const next = batches.run(2);
    await statements.started(2);
    statements.end(1);
    expect(await next).toBe('answer 2');
    statements.end(0);
    expect(await stuck).toBe('answer 1');
  });

  it('sends no more than a hundred together', async () => {
    const sizes: number[] = [];
    const batches = new StatementBatches(async (items: readonly number[]) => {
      sizes.push(items.length);
      return items;
    });
    const all = Array.from({ length: 250 }, (_unused, index) => index);
    expect(await Promise.all(all.map((item) => batches.run(item)))).toEqual(all);
    expect(sizes).toEqual([100, 100, 50]);
  });

  it('tries each item by itself when the statement was refused: only the one at fault is', async () => {
    const statements: (readonly number[])[] = [];
    const batches = new StatementBatches(async (items: readonly number[]) => {
      statements.push(items);
      if (items.includes(2)) throw invalidRequest('value_not_storable');
      return items;
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batches.run(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(statements).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it('sends nothing a second time when the store did not answer: nobody knows whether it was done', async () => {
    let statements = 0;
    const batches = new StatementBatches(async (): Promise<readonly number[]> => {
      statements += 1;
      throw temporarilyUnavailable('store_unavailable', 1);
    });
    const outcomes = await Promise.allSettled([batches.run(1), batches.run(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(statements).toBe(1);
  });
});
