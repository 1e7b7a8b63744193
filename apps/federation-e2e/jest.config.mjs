import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'federation-e2e', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
