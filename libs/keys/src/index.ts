export * from './generate-signing-jwk.ts';
export * from './key-file.ts';
export * from './key-ring.ts';
export * from './node-context-sealer.ts';
export * from './node-signature-verifier.ts';
export * from './node-signer.ts';
export * from './system-clock.ts';
export * from './system-randomness.ts';
