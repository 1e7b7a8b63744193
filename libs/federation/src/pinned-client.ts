import type { LookupFunction } from 'node:net';
import { Client } from 'undici';

/** An address that a resolver found. `family` is 4 or 6. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * An HTTP/1.1 client for one origin that connects to the given addresses and to no others: the name is not resolved again
 * (A38), while SNI and the certificate check keep using the name.
 * @param url any URL of the origin; its host is a name (for an IP literal no lookup would happen, security.md M1)
 * @param addresses the checked addresses, in the order to try them
 * @param certificateAuthorities PEM certificates that replace the built-in roots
 * @param connectTimeoutMs milliseconds for the TCP and TLS handshakes
 * @returns a client that the caller destroys
 */
export function createPinnedClient(
  url: URL,
  addresses: readonly ResolvedAddress[],
  certificateAuthorities: readonly string[] | undefined,
  connectTimeoutMs: number,
): Client {
  return new Client(url.origin, {
    allowH2: false,
    pipelining: 1,
    connect: {
      lookup: pinnedLookup(addresses),
      autoSelectFamily: addresses.length > 1,
      timeout: connectTimeoutMs,
      rejectUnauthorized: true,
      // BCP 195 (RFC 9325 3.1.1): nothing before TLS 1.2, whatever Node was started with.
      minVersion: 'TLSv1.2',
      ...(certificateAuthorities === undefined ? {} : { ca: [...certificateAuthorities] }),
    },
  });
}

function pinnedLookup(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else if (first !== undefined) callback(null, first.address, first.family);
    else callback(new Error(`No address for ${hostname}.`), '');
  };
}
