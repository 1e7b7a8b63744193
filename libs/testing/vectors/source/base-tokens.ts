import { createCipheriv } from 'node:crypto';
import {
  type ClientId,
  type ContextSealer,
  encodeBase64Url,
  encodeUtf8,
  importDpopKey,
  type Issuer,
  JoseSigner,
  type MintDependencies,
  mintDpopProof,
  mintIdentityClaimsToken,
  mintPermissionTicket,
  mintRequestingPartyToken,
  mintResourceClaimsToken,
  type Permission,
  type ResourceId,
  type TicketProcess,
  ticketHash,
} from '@uma-federation/uma-core';
import { FakeClock } from '../../src/fake-clock.ts';
import { fixedKeys } from '../../src/fixed-keys.ts';
import { type PrivateJwk, publicJwk } from '../../src/public-jwk.ts';
import { SequenceRandomness } from '../../src/sequence-randomness.ts';
import { type BaseToken, takeApart } from './base-token.ts';

export const ACME = 'https://as.acme.example' as Issuer;
export const GLOBEX = 'https://as.globex.example' as Issuer;
export const RESOURCE_SERVER = 'https://api.acme.example';
export const RESOURCE_URI = 'https://api.acme.example/users/alice/notes/7';
export const OWNER = 'alice@acme.example';
export const BOB = 'bob@globex.example';
/** The first nonce of protocol.md 1.4. */
export const NONCE = 'uGZ1bVYq3sZ8b1m0oJcT5w';
export const NOW = 1_800_000_000;
export const CONTEXT_KEY = new Uint8Array(32).fill(7);
export const OLD_CONTEXT_KEY = new Uint8Array(32).fill(6);

const PERMISSIONS: readonly Permission[] = [{ resourceId: 'res_note7' as ResourceId, scopes: ['view'] }];
const CLIENT = 'https://notes.client.example/metadata.json' as ClientId;

/** Seals as the port asks, with an initialisation vector that is the same in every run. For vectors only. */
export function fixedSealer(key: Uint8Array, header: object = { alg: 'dir', enc: 'A256GCM' }): ContextSealer {
  return {
    async seal(text) {
      const protectedHeader = encodeBase64Url(encodeUtf8(JSON.stringify(header)));
      const iv = new Uint8Array(12).fill(1);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(encodeUtf8(protectedHeader));
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [protectedHeader, '', ...[iv, ciphertext, cipher.getAuthTag()].map((part) => encodeBase64Url(part))].join('.');
    },
    open: async () => undefined,
  };
}

async function mintDependencies(key: PrivateJwk): Promise<MintDependencies> {
  return { signer: await JoseSigner.fromJwk({ ...key }), clock: new FakeClock(NOW), randomness: new SequenceRandomness() };
}

function base(token: string, key: PrivateJwk, inputs: BaseToken['inputs']): BaseToken {
  return { ...takeApart(token), key, verifyAt: NOW, inputs };
}

/** A first ticket, or with `process` one that was rotated. */
export async function permissionTicket(process?: TicketProcess): Promise<BaseToken> {
  const context = { permissions: PERMISSIONS, resourceServer: 'acme-gateway' as ClientId, owner: OWNER, resourceUri: RESOURCE_URI, process };
  const dependencies = { ...(await mintDependencies(fixedKeys.acme)), sealer: fixedSealer(CONTEXT_KEY) };
  const { token } = await mintPermissionTicket({ issuer: ACME, nonce: NONCE, context, lifetimeSeconds: 300 }, dependencies);
  return base(token, fixedKeys.acme, {
    issuer: ACME,
    keys: [publicJwk(fixedKeys.acme), publicJwk(fixedKeys.acmePrevious)],
    contextKeys: [encodeBase64Url(CONTEXT_KEY), encodeBase64Url(OLD_CONTEXT_KEY)],
  });
}

/** The resource claims token of that ticket. */
export async function resourceClaimsToken(): Promise<BaseToken> {
  const input = { issuer: ACME, resourceUri: RESOURCE_URI, nonce: NONCE, expiresAt: NOW + 300 };
  const { token } = await mintResourceClaimsToken(input, await mintDependencies(fixedKeys.acme));
  return base(token, fixedKeys.acme, { issuer: ACME, keys: [publicJwk(fixedKeys.acme)], allowLoopback: false });
}

/** The identity claims token that globex gives Bob for it. */
export async function identityClaimsToken(): Promise<BaseToken> {
  const { thumbprint } = await importDpopKey({ ...fixedKeys.dpop });
  const { token } = await mintIdentityClaimsToken(
    {
      issuer: GLOBEX,
      audience: ACME,
      email: BOB,
      clientId: CLIENT,
      actor: { ticketHash: await ticketHash(NONCE), issuer: ACME },
      acr: 'urn:globex:password',
      amr: ['pwd'],
      authTime: NOW - 600,
      confirmationThumbprint: thumbprint,
      expiresAt: NOW + 120,
    },
    await mintDependencies(fixedKeys.globex),
  );
  return base(token, fixedKeys.globex, {
    issuer: GLOBEX,
    audience: ACME,
    ticketHash: await ticketHash(NONCE),
    ownerUris: [`mailto:${OWNER}`, `acct:${OWNER}`],
    keys: [publicJwk(fixedKeys.globex)],
  });
}

/** The RPT that acme gives Bob's client. */
export async function requestingPartyToken(): Promise<BaseToken> {
  const { thumbprint } = await importDpopKey({ ...fixedKeys.dpop });
  const input = {
    issuer: ACME,
    audience: RESOURCE_SERVER,
    subject: BOB,
    clientId: CLIENT,
    permissions: PERMISSIONS,
    acr: 'urn:globex:password',
    authTime: NOW - 600,
    confirmationThumbprint: thumbprint,
    lifetimeSeconds: 600,
  };
  const { token } = await mintRequestingPartyToken(input, await mintDependencies(fixedKeys.acme));
  return base(token, fixedKeys.acme, { issuer: ACME, audience: RESOURCE_SERVER, keys: [publicJwk(fixedKeys.acme)] });
}

/** A proof for a request with that RPT. */
export async function dpopProof(): Promise<BaseToken> {
  const request = { method: 'GET', url: RESOURCE_URI, accessToken: 'header.claims.signature' };
  const key = await importDpopKey({ ...fixedKeys.dpop });
  const token = await mintDpopProof(request, { key, clock: new FakeClock(NOW), randomness: new SequenceRandomness() });
  return base(token, fixedKeys.dpop, request);
}
