import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'sample-api', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
