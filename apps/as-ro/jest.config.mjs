import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'as-ro-app', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
