import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'nest-kit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] };
