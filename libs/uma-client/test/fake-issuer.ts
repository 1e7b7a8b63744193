import { randomBytes } from 'node:crypto';
import {
  JoseContextSealer,
  JoseSignatureVerifier,
  JoseSigner,
  mintIdentityClaimsToken,
  mintPermissionTicket,
  mintRequestingPartyToken,
  mintResourceClaimsToken,
  type ClientId,
  type Issuer,
  type PublicJwk,
  type ResourceId,
  type VerificationKeys,
} from '@uma-federation/uma-core';
import { exportJWK, generateKeyPair } from 'jose';

export const NOW = 1_800_000_000;
export const clock = { now: () => NOW };
export const randomness = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
export const verification = { signatures: new JoseSignatureVerifier(), clock };
export const PERMISSIONS = [{ resourceId: 'res_1' as ResourceId, scopes: ['view'] }];

/** Keys of one authorization server and the tokens it makes with them, through the core's own mint functions. */
export class FakeIssuer {
  readonly issuer: Issuer;
  readonly keys: VerificationKeys;
  readonly sealer = new JoseContextSealer([randomness.bytes(32)]);
  readonly #signer: JoseSigner;

  private constructor(issuer: string, signer: JoseSigner, publicJwk: PublicJwk) {
    this.issuer = issuer as Issuer;
    this.#signer = signer;
    this.keys = { find: async (keyId) => (keyId === signer.keyId ? publicJwk : undefined) };
  }

  static async create(issuer: string): Promise<FakeIssuer> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const { d, ...publicJwk } = await exportJWK(privateKey);
    const signer = await JoseSigner.fromJwk({ ...publicJwk, ...(d === undefined ? {} : { d }), kid: 'key-1', alg: 'ES256' });
    return new FakeIssuer(issuer, signer, publicJwk as PublicJwk);
  }

  get #minting() {
    return { signer: this.#signer, clock, randomness, sealer: this.sealer };
  }

  /** A ticket with its resource claims token. `nonce` is kept on rotation. */
  async tickets(resourceUri: string, nonce?: string): Promise<{ ticket: string; resourceClaimsToken: string; nonce: string }> {
    const context = { permissions: PERMISSIONS, resourceServer: 'rs' as ClientId, owner: 'alice@acme.example', resourceUri };
    const ticket = await mintPermissionTicket({ issuer: this.issuer, nonce, context, lifetimeSeconds: 300 }, this.#minting);
    const { token } = await mintResourceClaimsToken({ issuer: this.issuer, resourceUri, nonce: ticket.nonce, expiresAt: ticket.expiresAt }, this.#minting);
    return { ticket: ticket.token, resourceClaimsToken: token, nonce: ticket.nonce };
  }

  async identityClaims(audience: string, ticketHash: string, thumbprint?: string): Promise<string> {
    const actor = { ticketHash, issuer: audience as Issuer };
    const input = { issuer: this.issuer, audience: audience as Issuer, email: 'bob@globex.example', clientId: 'app' as ClientId, actor, expiresAt: NOW + 120 };
    return (await mintIdentityClaimsToken({ ...input, confirmationThumbprint: thumbprint }, this.#minting)).token;
  }

  async requestingPartyToken(audience: string, thumbprint?: string): Promise<string> {
    const input = { issuer: this.issuer, audience, subject: 'bob@globex.example', clientId: 'app' as ClientId, permissions: PERMISSIONS, lifetimeSeconds: 600 };
    return (await mintRequestingPartyToken({ ...input, confirmationThumbprint: thumbprint }, this.#minting)).token;
  }
}
