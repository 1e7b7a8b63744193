import { ExchangeFault } from './exchange.ts';

/**
 * Runs work under a total time limit.
 * @param deadlineMs milliseconds from now until the work's signal is aborted with the fault `timeout`
 * @param caller aborts the work too, with the fault `aborted`
 * @returns what the work returns; the promise settles when the signal is aborted even if the work does not heed it
 * @throws ExchangeFault `timeout` or `aborted`, and whatever the work throws
 */
export async function withDeadline<T>(deadlineMs: number, caller: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as ExchangeFault), { once: true });
  });
  const abort = (): void => controller.abort(new ExchangeFault('aborted'));
  const timer = setTimeout(() => controller.abort(new ExchangeFault('timeout')), deadlineMs);
  caller?.addEventListener('abort', abort, { once: true });
  if (caller?.aborted === true) abort();
  try {
    return await Promise.race([aborted, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', abort);
  }
}
