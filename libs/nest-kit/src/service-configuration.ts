import { z } from 'zod';
import { byteSize } from './byte-size.ts';
import { durationMs } from './duration.ts';

/** Settings of the HTTP server, the same for every service: the field `server`. */
export function serverConfiguration() {
  return z
    .strictObject({
      /** Address to listen on. */
      host: z.string().default('0.0.0.0'),
      /** TCP port; 0 takes a free one. */
      port: z.int().min(0).max(65535).default(8080),
      /** Largest request body that is read. */
      bodyLimit: byteSize().prefault('64KiB'),
      /** A request must have arrived completely within this time (slow bodies are cut off). */
      requestTimeout: durationMs().refine((ms) => ms > 0, { error: 'the time limit cannot be switched off' }).prefault('30s'),
      /** Addresses or CIDR ranges of the proxies in front, whose `X-Forwarded-For` is believed for rate limits and logs. */
      trustedProxies: z.array(z.string().min(1)).default([]),
      /** How long the service answers "not ready" and keeps working before it closes, so that balancers notice. */
      drainDelay: durationMs().prefault('5s'),
      /** How long requests in flight may take after that. */
      closeTimeout: durationMs().prefault('20s'),
    })
    .prefault({});
}

/** Settings of the log, the same for every service: the field `logging`. */
export function loggingConfiguration() {
  return z
    .strictObject({
      /** Lines below this level are not written. */
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    })
    .prefault({});
}

/**
 * Settings of the metrics port, the same for every service: the field `metrics`. Without it there is no such port and nothing is measured.
 */
export function metricsConfiguration() {
  return z
    .strictObject({
      /** Address to listen on. What is said there is for operators: let the monitoring reach it and nobody else. */
      host: z.string().default('0.0.0.0'),
      /** TCP port of its own, not that of `server`; 0 takes a free one. */
      port: z.int().min(0).max(65535).default(9464),
    })
    .optional();
}

export type ServerConfiguration = z.output<ReturnType<typeof serverConfiguration>>;
export type LoggingConfiguration = z.output<ReturnType<typeof loggingConfiguration>>;
export type MetricsConfiguration = NonNullable<z.output<ReturnType<typeof metricsConfiguration>>>;
