import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'as-rqp', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
