export { EXIT_CODES } from './exit-codes.ts';
export { runUma } from './run-uma.ts';
export type { Surroundings } from './surroundings.ts';
