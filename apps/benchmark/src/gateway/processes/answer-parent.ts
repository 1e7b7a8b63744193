/**
 * Answers the messages of the process that started this one: the first with `start`, every later one with `later`. Ends when that process is gone.
 */
export function answerParent<S, M>(start: (settings: S) => Promise<object>, later: (message: M) => Promise<object> = async () => ({})): void {
  let started = false;
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => {
    const answer = started ? later(message as M) : start(message as S);
    started = true;
    void answer.then((value) => process.send?.(value));
  });
}
