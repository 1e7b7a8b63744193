import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'rs-gateway', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
