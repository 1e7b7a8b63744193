import { keysById, publicJwk, type PrivateJwk } from '@uma-federation/testing';
import { DiscoveryFailure, type EmailAddress, type Issuer, type IssuerDirectory, type IssuerRole, type PublicJwk, type SignatureAlgorithm, type VerificationKeys } from '@uma-federation/uma-core';

/** A directory of strangers that knows what the test says, and remembers what it was asked. */
export class FakeIssuerDirectory implements IssuerDirectory {
  /** What a real directory would have gone to the network for: domains and issuers, in order. */
  readonly questions: string[] = [];
  readonly #issuers = new Map<string, Issuer | DiscoveryFailure>();
  readonly #keys = new Map<string, VerificationKeys | DiscoveryFailure>();

  /** The domain names this issuer, which publishes the public halves of these keys. */
  name(domain: string, issuer: string, ...keys: readonly PrivateJwk[]): void {
    this.#issuers.set(domain, issuer as Issuer);
    this.publish(issuer, keys.map(publicJwk));
  }

  /** The issuer publishes exactly these keys. */
  publish(issuer: string, jwks: readonly PublicJwk[]): void {
    this.#keys.set(issuer, keysById(jwks));
  }

  /** Discovery for the domain fails from now on. */
  failFor(domain: string, reason: string): void {
    this.#issuers.set(domain, new DiscoveryFailure(reason));
  }

  /** The issuer's keys cannot be had from now on. */
  failKeysOf(issuer: string, reason: string): void {
    this.#keys.set(issuer, new DiscoveryFailure(reason));
  }

  async issuerFor(address: EmailAddress, role: IssuerRole): Promise<Issuer> {
    this.questions.push(`${role} ${address.domain}`);
    const known = this.#issuers.get(address.domain);
    if (known === undefined || known instanceof DiscoveryFailure) throw known ?? new DiscoveryFailure('webfinger_not_found');
    return known;
  }

  async requireUmaServer(issuer: Issuer): Promise<void> {
    this.questions.push(`metadata ${issuer}`);
  }

  keysOf(issuer: Issuer): VerificationKeys {
    return {
      find: async (keyId: string, algorithm: SignatureAlgorithm): Promise<PublicJwk | undefined> => {
        this.questions.push(`keys ${issuer}`);
        const known = this.#keys.get(issuer);
        if (known === undefined || known instanceof DiscoveryFailure) throw known ?? new DiscoveryFailure('metadata_unavailable');
        return known.find(keyId, algorithm);
      },
    };
  }
}
