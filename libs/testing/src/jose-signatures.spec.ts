import { JoseSignatureVerifier, JoseSigner } from '@uma-federation/uma-core';
import { describeSignatures } from './contracts/signatures.ts';
import { describeTokenVectors } from './contracts/token-vectors.ts';

describeSignatures('jose', new JoseSignatureVerifier(), (key) => JoseSigner.fromJwk(key));
describeTokenVectors('jose', new JoseSignatureVerifier());
