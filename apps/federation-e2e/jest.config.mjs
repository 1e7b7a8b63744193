import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'federation-e2e',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  // What needs containers: jest.composed.config.mjs.
  testPathIgnorePatterns: ['<rootDir>/test/(composed|faults)-[^/]*$'],
  testTimeout: 60_000,
};
