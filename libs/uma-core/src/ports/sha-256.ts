/**
 * SHA-256 (FIPS 180-4) of the data: 32 octets. Web Crypto's is taken where no other is given; it sends every digest, however short, to another
 * thread and back, which costs more than most other checks of a token together.
 */
export type Sha256 = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;
