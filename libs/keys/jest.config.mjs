import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'keys', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
