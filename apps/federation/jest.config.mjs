import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'federation-app', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
