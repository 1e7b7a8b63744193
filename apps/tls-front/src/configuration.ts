import { durationMs, loggingConfiguration, metricsConfiguration } from '@uma-federation/nest-kit';
import { z } from 'zod';

const hostName = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, { error: 'a lower-case host name is needed' });
const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).protocol === 'http:' && new URL(text).origin === text, {
  error: 'an http origin is needed: scheme, host and port, without a slash at the end',
});

/** Configuration of the TLS front. */
export const tlsFrontConfiguration = z.strictObject({
  /** PEM file with the certificate for all the host names, and its chain. */
  certificateFile: z.string(),
  /** PEM file with its private key. */
  privateKeyFile: z.string(),
  /** Host name → origin of the service behind it. Each address that the origin's name resolves to is one replica. */
  hosts: z.record(hostName, origin).refine((hosts) => Object.keys(hosts).length > 0, { error: 'at least one host is needed' }),
  /**
   * Ask clients for a certificate, without requiring one, and tell the services in `Client-Cert` (RFC 9440) which one a client has shown.
   * Whatever clients themselves send under that name is dropped, also without this setting.
   */
  clientCertificates: z
    .strictObject({
      /** PEM file with the authorities whose certificates are passed on; certificates of others count as none. */
      certificateAuthorityFile: z.string(),
    })
    .optional(),
  server: z
    .strictObject({
      /** Address to listen on. */
      host: z.string().default('0.0.0.0'),
      /** TCP port for https; 0 takes a free one. */
      port: z.int().min(0).max(65535).default(443),
      /** A request must have arrived completely within this time, uploads included. */
      requestTimeout: durationMs().refine((ms) => ms > 0, { error: 'the time limit cannot be switched off' }).prefault('5m'),
      /** How long a replica may take until its answer begins. */
      answerTimeout: durationMs().refine((ms) => ms > 0, { error: 'the time limit cannot be switched off' }).prefault('60s'),
      /** How long the front answers "not ready" and keeps working before it closes. */
      drainDelay: durationMs().prefault('0s'),
      /** How long requests in flight may take after that. */
      closeTimeout: durationMs().prefault('20s'),
    })
    .prefault({}),
  /** `GET /health/ready` over plain http, on loopback only. */
  health: z.strictObject({ port: z.int().min(0).max(65535).default(8080) }).prefault({}),
  metrics: metricsConfiguration(),
  logging: loggingConfiguration(),
});

/** Configuration of the TLS front after defaults. */
export type TlsFrontConfiguration = z.output<typeof tlsFrontConfiguration>;
