import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom (docs/architecture/boundaries.md). Test code may also use the testing library. */
const layers = (forTests) => {
  const testing = forTests ? ['type:testing'] : [];
  return [
    { sourceTag: 'type:core', onlyDependOnLibsWithTags: ['type:core', ...testing], allowedExternalImports: forTests ? ['*'] : ['jose', 'zod'] },
    { sourceTag: 'type:client', onlyDependOnLibsWithTags: ['type:core', ...testing], allowedExternalImports: forTests ? ['*'] : ['jose'] },
    { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:core'] },
    // What several adapters need to reach the same kind of server, and no more (docs/adr/0009).
    { sourceTag: 'type:driver', onlyDependOnLibsWithTags: [...testing] },
    { sourceTag: 'type:adapter', onlyDependOnLibsWithTags: ['type:driver', 'type:core', ...testing] },
    // The bus is a Nest transport; no other adapter knows Nest.
    { sourceTag: 'framework:none', bannedExternalImports: ['@nestjs/*', 'fastify'] },
    { sourceTag: 'type:kit', onlyDependOnLibsWithTags: ['type:kit', 'type:adapter', 'type:driver', 'type:core', ...testing] },
    { sourceTag: 'type:feature', onlyDependOnLibsWithTags: ['type:kit', 'type:adapter', 'type:driver', 'type:core', ...testing] },
    { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:feature', 'type:kit', 'type:adapter', 'type:driver', 'type:core', 'type:client', 'type:app', ...testing] },
    { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['*'] },
  ];
};
const boundaries = (forTests) => ['error', { enforceBuildableLibDependency: true, allow: [], depConstraints: layers(forTests) }];

const TESTS = ['**/*.spec.ts', '**/test/**/*.ts', 'libs/testing/**/*.ts', '**/vectors/**/*.ts'];
/** Files that may read the environment. */
const ENVIRONMENT = ['libs/nest-kit/src/process-environment.ts', 'libs/testing/src/test-environment.ts', 'apps/uma/src/surroundings.ts', ...TESTS];
/** Rooms that talk HTTP to others: strangers, upstreams, and the clients. */
const OUTBOUND = ['libs/federation/**/*.ts', 'libs/reverse-proxy/**/*.ts', 'libs/uma-client/**/*.ts', 'apps/**/*.ts'];

export default tseslint.config(
  { ignores: ['**/dist', '**/coverage', '**/node_modules'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@nx/enforce-module-boundaries': boundaries(false),
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'No enums: use a union of string literals.' },
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'The environment is read in one file: libs/nest-kit/src/process-environment.ts.' }],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Outbound HTTP leaves through libs/federation (strangers) or libs/reverse-proxy (upstreams).' }],
      'no-restricted-imports': [
        'error',
        { paths: ['undici', 'node:http2', 'axios'].map((name) => ({ name, message: 'Outbound HTTP leaves through libs/federation or libs/reverse-proxy.' })) },
      ],
    },
  },
  {
    // A boundary rule on packages does not see built-ins: the core is pure by this one.
    files: ['libs/uma-core/src/**/*.ts', 'libs/uma-client/src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'No I/O and no built-ins here: use a port.' }] }],
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', '__dirname'].map((name) => ({ name, message: 'No platform globals here: use a port.' })),
      ],
    },
  },
  { files: ENVIRONMENT, rules: { 'no-restricted-properties': 'off' } },
  { files: OUTBOUND, rules: { 'no-restricted-imports': 'off' } },
  { files: [...OUTBOUND.filter((glob) => !glob.startsWith('libs/federation') && !glob.startsWith('libs/reverse-proxy'))], rules: { 'no-restricted-globals': 'off' } },
  {
    // Nest composes with decorated classes, some of which have no members.
    files: ['libs/nest-kit/**/*.ts', 'libs/oauth-server/**/*.ts', 'libs/as-ro/**/*.ts', 'libs/as-rqp/**/*.ts', 'libs/rs-gateway/**/*.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },
  {
    files: TESTS,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(true),
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
