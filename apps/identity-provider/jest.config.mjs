import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'identity-provider', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
