import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'redis', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
