import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'federation', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
