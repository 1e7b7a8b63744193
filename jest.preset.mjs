import { fileURLToPath } from 'node:url';

/** Shared jest settings: native ESM, TypeScript stripped by swc, workspace libraries loaded from source. */
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Resolves "@uma-federation/*" to ./src through the "exports" condition.
  testEnvironmentOptions: { customExportConditions: ['@uma-federation/source', 'node', 'node-addons'] },
  setupFiles: [fileURLToPath(new URL('tools/jest-setup.mjs', import.meta.url))],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        sourceMaps: 'inline',
      },
    ],
  },
  // A test waits for conditions, not for times; on a busy machine they take their time.
  testTimeout: 30_000,
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  coverageProvider: 'v8',
};
