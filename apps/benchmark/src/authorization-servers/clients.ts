/** The confidential client of the load. Its secret protects nothing. */
export const CLIENT = { clientId: 'benchmark-client', clientSecret: 'benchmark-secret-0123456789-0123456789-0123' } as const;

/** A resource server as AS-RO knows it. */
export interface ResourceServerClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Resource identifier and base URI. */
  readonly identifier: string;
}

/** The resource server behind the tickets. */
export const RESOURCE_SERVER: ResourceServerClient = {
  clientId: 'benchmark-gateway',
  clientSecret: 'benchmark-gateway-secret-0123456789-0123456',
  identifier: 'http://127.0.0.1:9/',
};

/** RFC 6749 2.3.1. */
export const FORM_HEADERS = {
  'content-type': 'application/x-www-form-urlencoded',
  authorization: `Basic ${Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64')}`,
} as const;

const PER_MINUTE = 1_000_000_000;
/** Limits that count every request and refuse none. */
export const WIDE_LIMITS = { perSource: PER_MINUTE, perClient: PER_MINUTE } as const;
