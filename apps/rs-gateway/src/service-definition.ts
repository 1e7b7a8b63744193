import type { ServiceDefinition } from '@uma-federation/nest-kit';
import { createRsGateway, developmentSettings, rsGatewayConfiguration } from '@uma-federation/rs-gateway';

/** The gateway as `runService` runs it; settings from the environment begin with `RS_GATEWAY__`. */
export const serviceDefinition: ServiceDefinition<typeof rsGatewayConfiguration> = {
  name: 'rs-gateway',
  schema: rsGatewayConfiguration,
  developmentSettings,
  create: createRsGateway,
};
