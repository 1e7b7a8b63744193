import type { ServiceDefinition } from '@uma-federation/nest-kit';
import { tlsFrontConfiguration } from './configuration.ts';
import { createTlsFront } from './create-tls-front.ts';

/** The front as `runService` runs it; settings from the environment begin with `TLS_FRONT__`. */
export const serviceDefinition: ServiceDefinition<typeof tlsFrontConfiguration> = {
  name: 'tls-front',
  schema: tlsFrontConfiguration,
  create: createTlsFront,
};
