export { serviceDefinition } from './service-definition.ts';
