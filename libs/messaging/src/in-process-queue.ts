/** A request on its way: JSON, as on Redis, so that both sides see what they would see there. */
export interface Job {
  readonly text: string;
  readonly reply: (text: string) => void;
}

/** Who takes requests off the queue. */
export interface Worker {
  readonly hasRoom: boolean;
  /** Called only when there is room. */
  accept(job: Job): void;
}

const MAX_WAITING = 10_000;

/** The requests to one service, shared out among its replicas in turn. */
export class InProcessQueue {
  readonly #waiting: Job[] = [];
  /** The one whose turn it is comes first. */
  readonly #workers: Worker[] = [];

  join(worker: Worker): void {
    this.#workers.push(worker);
    this.drain();
  }

  leave(worker: Worker): void {
    const place = this.#workers.indexOf(worker);
    if (place >= 0) this.#workers.splice(place, 1);
  }

  /** Above 10,000 the oldest is dropped, as on Redis. */
  post(job: Job): void {
    this.#waiting.push(job);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.drain();
  }

  /** Hands out what waits to the workers that have room. */
  drain(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#workers.find(({ hasRoom }) => hasRoom);
      const job = worker && this.#waiting.shift();
      if (worker === undefined || job === undefined) return;
      this.leave(worker);
      this.#workers.push(worker);
      worker.accept(job);
    }
  }
}
