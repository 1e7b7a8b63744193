import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from '@uma-federation/nest-kit';
import { GatewayController } from './gateway-controller.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { FORWARDER, GATEWAY, LOGGER, METADATA } from './injection-tokens.ts';
import { ProtectedResourceMetadataController } from './protected-resource-metadata-controller.ts';

@Module({})
class RsGatewayModule {}

/** The gateway as a Nest module. The catch-all comes last. */
export function rsGatewayModule(parts: GatewayParts, logger: Logger): DynamicModule {
  return {
    module: RsGatewayModule,
    providers: [
      { provide: GATEWAY, useValue: parts.gateway },
      { provide: FORWARDER, useValue: parts.forwarder },
      { provide: METADATA, useValue: parts.metadata },
      { provide: LOGGER, useValue: logger },
    ],
    controllers: [ProtectedResourceMetadataController, GatewayController],
  };
}
