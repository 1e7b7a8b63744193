import preset from '../../jest.preset.mjs';

/** The specs on the composed federation; `npm run composed` brings it up. */
export default {
  ...preset,
  displayName: 'composed',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  // What is about `npm start`.
  testPathIgnorePatterns: ['<rootDir>/test/npm-start.spec.ts'],
  testSequencer: '<rootDir>/test/support/faults-last.mjs',
  testTimeout: 60_000,
};
