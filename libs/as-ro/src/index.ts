export { asRoConfiguration, type AsRoConfiguration } from './configuration.ts';
export type { AsRoParts, DurableStores } from './as-ro-parts.ts';
export { createAsRo } from './create-as-ro.ts';
