export { developmentSettings, rsGatewayConfiguration, type RsGatewayConfiguration } from './configuration.ts';
export { createRsGateway, type RsGateway, type RsGatewayOverrides } from './create-rs-gateway.ts';
export type { GatewayPorts } from './gateway-parts.ts';
export type { Revocations } from './verified-token-cache.ts';
