import { answerParent } from './answer-parent.ts';
import { closedLoop, type ClosedLoop } from './closed-loop.ts';
import { openLoop, type OpenLoop } from './open-loop.ts';

answerParent(
  async () => ({}),
  async (run: ClosedLoop | OpenLoop) => (run.kind === 'closed' ? closedLoop(run) : openLoop(run)),
);
