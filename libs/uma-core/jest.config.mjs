import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'uma-core', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
