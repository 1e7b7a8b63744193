export * from './memory-rate-limiter.ts';
export * from './memory-replay-guard.ts';
export * from './redis-rate-limiter.ts';
export * from './redis-replay-guard.ts';
export * from './volatile-state.ts';
