import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'messaging', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
