import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'reverse-proxy', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
