export * from './memory-rate-limiter.ts';
export * from './memory-replay-guard.ts';
