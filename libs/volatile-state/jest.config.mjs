import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'volatile-state', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
