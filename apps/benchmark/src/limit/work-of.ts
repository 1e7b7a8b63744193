import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { JsonObject } from '@uma-federation/uma-core';
import type { SigningWork } from './signing-work.ts';

/** Two tokens with the private keys that signed them, and what is signed in answer. */
export interface WorkInput {
  readonly tokens: readonly { readonly token: string; readonly key: JsonObject }[];
  readonly answer: { readonly typ: string; readonly claims: Readonly<Record<string, unknown>>; readonly key: JsonObject };
}

/** The limit's work on the same tokens that the server gets. */
export function workOf({ tokens, answer }: WorkInput): SigningWork {
  const header = { alg: 'ES256', kid: answer.key['kid'], typ: answer.typ };
  return {
    verify: tokens.map(({ token, key }) => ({ token, key: createPublicKey({ key: key, format: 'jwk' }) })),
    sign: {
      header: Buffer.from(JSON.stringify(header)).toString('base64url'),
      claims: answer.claims,
      key: createPrivateKey({ key: answer.key, format: 'jwk' }),
    },
  };
}
