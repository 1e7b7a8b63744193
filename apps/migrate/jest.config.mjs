import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'migrate',
  // Making a cluster takes seconds on a busy machine.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
};
