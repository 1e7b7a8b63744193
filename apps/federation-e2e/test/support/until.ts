import { until as untilAsked } from '@uma-federation/testing';
import { RECOVERED_MS } from './deadlines.ts';

/** A question to containers takes processes of its own. */
const PAUSE_MS = 200;

/** Waits until a condition on the containers holds. @throws Error that says what did not come about in time */
export function until(what: string, condition: () => Promise<boolean>, withinMs = RECOVERED_MS): Promise<void> {
  return untilAsked(what, condition, withinMs, PAUSE_MS);
}
