import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'oauth-server', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
