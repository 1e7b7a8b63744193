import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'tls-front', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
