import { fixedKeys, keysById, publicJwk } from '@uma-federation/testing';
import { DiscoveryFailure, type EmailAddress, type Issuer, type IssuerDirectory, type IssuerRole, type PublicJwk, type VerificationKeys } from '@uma-federation/uma-core';

/** Two authorization servers of resource owners, one of them nobody's friend, and the domains that name them. Notes every question. */
export class FakeDirectory implements IssuerDirectory {
  /** What was asked, for example `keys https://as.acme.example` or `resource-owner acme.example`. */
  asked: string[] = [];
  /** The reason of the DiscoveryFailure that every question ends in. */
  failure: string | undefined;
  readonly keys = new Map<string, readonly PublicJwk[]>([
    ['https://as.acme.example', [publicJwk(fixedKeys.acme)]],
    ['https://as.evil.example', [publicJwk(fixedKeys.evil)]],
  ]);
  readonly issuers = new Map<string, string>([
    ['acme.example', 'https://as.acme.example'],
    ['evil.example', 'https://as.evil.example'],
  ]);

  /** @inheritdoc */
  async issuerFor({ domain }: EmailAddress, role: IssuerRole): Promise<Issuer> {
    this.#ask(`${role} ${domain}`);
    const issuer = this.issuers.get(domain);
    if (issuer === undefined) throw new DiscoveryFailure('webfinger_status');
    return issuer as Issuer;
  }

  /** @inheritdoc */
  keysOf(issuer: Issuer): VerificationKeys {
    return {
      find: async (keyId, algorithm) => {
        this.#ask(`keys ${issuer}`);
        const keys = this.keys.get(issuer);
        if (keys === undefined) throw new DiscoveryFailure('metadata_not_found');
        return keysById(keys).find(keyId, algorithm);
      },
    };
  }

  /** @inheritdoc */
  async requireUmaServer(issuer: Issuer): Promise<void> {
    this.#ask(`metadata ${issuer}`);
    if (!this.keys.has(issuer)) throw new DiscoveryFailure('metadata_not_found');
  }

  #ask(question: string): void {
    this.asked.push(question);
    if (this.failure !== undefined) throw new DiscoveryFailure(this.failure);
  }
}
