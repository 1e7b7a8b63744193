import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'persistence',
  // Making a cluster takes seconds on a busy machine.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  globalSetup: '<rootDir>/test/start-postgres.mjs',
  globalTeardown: '<rootDir>/test/stop-postgres.mjs',
};
