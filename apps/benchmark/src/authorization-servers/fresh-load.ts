import { generateLoad, type Load, type LoadRequest } from '../harness/load.ts';
import type { ServiceProcess } from '../harness/service-process.ts';

/** Requests under way at a time. */
export const CONNECTIONS = 32;

/** Until then V8 compiles: that is counted in requests, not in seconds, because a busy machine does less in a second. */
const WARM_UP_REQUESTS = 20_000;
const WARM_UP_PATIENCE_SECONDS = 60;
/** The service may be faster in a round than it was when it warmed up. */
const RESERVE = 1.5;

/** Makes requests that can be sent once. */
export type FreshRequests = (count: number) => Promise<LoadRequest[]>;

/** A load of requests that are made before it starts, enough for the time unless the service became much faster. */
export async function loadOf(fresh: FreshRequests, perSecond: number, seconds: number): Promise<Omit<Load, 'origin'>> {
  return load(await fresh(Math.ceil(perSecond * seconds * RESERVE)), seconds);
}

/** Loads the service until its code is compiled and its caches are full. @returns requests per second */
export async function warmUp(service: ServiceProcess, fresh: FreshRequests): Promise<number> {
  const first = await generateLoad({ ...load(await fresh(WARM_UP_REQUESTS), WARM_UP_PATIENCE_SECONDS), origin: service.origin });
  return first.requests / first.seconds;
}

function load(requests: LoadRequest[], seconds: number): Omit<Load, 'origin'> {
  return { connections: CONNECTIONS, seconds, next: () => requests.pop(), status: 200 };
}
