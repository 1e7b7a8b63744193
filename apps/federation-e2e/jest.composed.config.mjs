import preset from '../../jest.preset.mjs';

/** The specs on the composed federation; `npm run composed` brings it up. */
export default {
  ...preset,
  displayName: 'composed',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  // What is about `npm start`, or needs a resource server on this machine that the domains' own names lead to.
  testPathIgnorePatterns: ['<rootDir>/test/(npm-start|several-authorization-servers).spec.ts'],
  testSequencer: '<rootDir>/test/support/faults-last.mjs',
  testTimeout: 60_000,
};
