export { tlsFrontConfiguration, type TlsFrontConfiguration } from './configuration.ts';
export { createTlsFront, type TlsFront, type TlsFrontOverrides } from './create-tls-front.ts';
export type { ResolveName } from './replicas.ts';
export { serviceDefinition } from './service-definition.ts';
