import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'federation-e2e', testMatch: ['<rootDir>/test/**/*.spec.ts'], testTimeout: 60_000 };
