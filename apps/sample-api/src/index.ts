export type { SampleApiConfig } from './config.ts';
export { createSampleApi } from './create-sample-api.ts';
export type { SampleApi } from './create-sample-api.ts';
export type { Note } from './note.ts';
