import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { ConfigurationError, countHeader } from '@uma-federation/nest-kit';
import type { CertificateSubject } from '@uma-federation/uma-core';

/** Where the front says which certificate the client showed: RFC 9440 2.2, a byte sequence of RFC 8941 3.3.5. */
const HEADER = 'client-cert';
const BYTE_SEQUENCE = /^:([A-Za-z0-9+/]+={0,2}):$/;

/** A request as far as its certificate goes. */
export type CertificateRequest = Pick<IncomingMessage, 'headers' | 'rawHeaders'> & { readonly socket: { readonly remoteAddress?: string | undefined } };

/** The certificates that clients showed to the front that ends TLS before this server (RFC 8705 2.1, RFC 9440). */
export class ClientCertificates {
  readonly #fronts = new BlockList();

  /**
   * @param trustedProxies addresses and CIDR ranges of the fronts: they check the chain and the times of a certificate, and let no client say
   *   `Client-Cert` itself
   * @throws ConfigurationError when there is none, or one is neither an address nor a range
   */
  constructor(trustedProxies: readonly string[]) {
    if (trustedProxies.length === 0) throw new ConfigurationError(['clientCertificates: server.trustedProxies must name the front that passes certificates']);
    for (const proxy of trustedProxies) addTo(this.#fronts, proxy);
  }

  /**
   * The certificate that the front says the client has shown.
   * Does not check: chain, validity and use of the certificate, which the front has done.
   * @returns undefined when there is none, when the request did not come from a trusted front, or when the header is repeated or malformed
   */
  of(request: CertificateRequest): X509Certificate | undefined {
    const header = request.headers[HEADER];
    if (typeof header !== 'string' || countHeader(request, HEADER) !== 1 || !this.#isFront(request.socket.remoteAddress ?? '')) return undefined;
    const encoded = BYTE_SEQUENCE.exec(header)?.[1];
    return encoded === undefined ? undefined : certificateOf(Buffer.from(encoded, 'base64'));
  }

  #isFront(remoteAddress: string): boolean {
    const address = remoteAddress.replace(/^::ffff:(?=[0-9.]+$)/i, '');
    const family = isIP(address);
    return family !== 0 && this.#fronts.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/**
 * Whether a certificate names its holder as registered (RFC 8705 2.1.2), character by character.
 * @param subject `subjectDn` is an RFC 4514 string as `openssl x509 -nameopt RFC2253` prints it: last name first, no space after a comma
 */
export function certificateNames(certificate: X509Certificate, subject: CertificateSubject): boolean {
  if ('subjectDn' in subject) return rfc4514(certificate.subject) === subject.subjectDn;
  // Neither wildcards nor the common name: the registered name itself must be among the alternative names.
  const name = 'sanDns' in subject ? `DNS:${subject.sanDns}` : `URI:${subject.sanUri}`;
  const names = certificate.subjectAltName ?? '';
  // Node puts names with a comma or a quote into quotes. Without any, a comma stands between names and nowhere else.
  return !names.includes('"') && names.split(', ').includes(name);
}

/** Node gives the names of a subject in RFC 2253 escaping, one on each line, first to last. */
function rfc4514(subject: string | undefined): string | undefined {
  return subject?.split('\n').reverse().join(',');
}

function certificateOf(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function addTo(fronts: BlockList, proxy: string): void {
  const [address = '', prefix, ...rest] = proxy.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  try {
    if (isIP(address) === 0 || rest.length > 0) throw new TypeError('no address');
    if (prefix === undefined) fronts.addAddress(address, family);
    else fronts.addSubnet(address, Number(prefix), family);
  } catch {
    throw new ConfigurationError([`server.trustedProxies: with clientCertificates an address or a CIDR range is needed, not "${proxy}"`]);
  }
}
