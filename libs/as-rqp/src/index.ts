export { asRqpConfiguration, type AsRqpConfiguration } from './configuration.ts';
export type { AsRqpParts } from './as-rqp-parts.ts';
export { createAsRqp } from './create-as-rqp.ts';
