import { durationMs, secret } from '@uma-federation/nest-kit';
import { z } from 'zod';

/** Configuration of the migration job; settings from the environment begin with `MIGRATE__`. */
export const migrateConfiguration = z.strictObject({
  database: z.strictObject({
    /** `postgres://owner@host:port/database`, signing in as the role that owns the schema; the password may be in `password`. */
    url: z.string(),
    password: secret().optional(),
    /** TLS, with the certificate verified for the host; `certificateAuthorityFile` is a PEM file that replaces the built-in authorities. */
    tls: z.strictObject({ certificateAuthorityFile: z.string().optional() }).optional(),
    connectTimeout: durationMs().prefault('2s'),
  }),
  serviceRole: z
    .strictObject({
      /** The role that the AS-RO service signs in as. It gets its rights anew each time, and no others. */
      name: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: 'lower-case letters, digits and "_" are needed' }).default('as_ro_service'),
      /** With a password the role is made when it is missing, and gets this password each time; the owner needs CREATEROLE then. */
      password: secret().optional(),
    })
    .prefault({}),
  /** How long to wait for a database that does not answer yet. */
  patience: durationMs().prefault('60s'),
});

/** Configuration of the migration job after defaults. */
export type MigrateConfiguration = z.output<typeof migrateConfiguration>;
