const SCALAR_BYTES = 32;

/** The DER form of a JWS signature of ES256: SEQUENCE of two INTEGERs. */
export function ecdsaToDer(signature: Buffer): Buffer {
  const r = integerStart(signature, 0);
  const s = integerStart(signature, SCALAR_BYTES);
  const rLength = SCALAR_BYTES - r.skip + r.pad;
  const sLength = 2 * SCALAR_BYTES - SCALAR_BYTES - s.skip + s.pad;
  const der = Buffer.alloc(6 + rLength + sLength);
  der[0] = 0x30;
  der[1] = 4 + rLength + sLength;
  der[2] = 0x02;
  der[3] = rLength;
  signature.copy(der, 4 + r.pad, r.skip, SCALAR_BYTES);
  der[4 + rLength] = 0x02;
  der[5 + rLength] = sLength;
  signature.copy(der, 6 + rLength + s.pad, SCALAR_BYTES + s.skip);
  return der;
}

/** The JWS form of a DER signature: r and s of 32 octets each. */
export function ecdsaFromDer(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * SCALAR_BYTES);
  const rLength = der[3] ?? 0;
  const sLength = der[5 + rLength] ?? 0;
  der.copy(signature, SCALAR_BYTES - Math.min(rLength, SCALAR_BYTES), 4 + Math.max(0, rLength - SCALAR_BYTES), 4 + rLength);
  der.copy(signature, 2 * SCALAR_BYTES - Math.min(sLength, SCALAR_BYTES), 6 + rLength + Math.max(0, sLength - SCALAR_BYTES), 6 + rLength + sLength);
  return signature;
}

/** Leading zero octets go, and one comes back where the first bit is set (X.690 8.3). */
function integerStart(signature: Buffer, offset: number): { readonly skip: number; readonly pad: number } {
  let skip = 0;
  while (skip < SCALAR_BYTES - 1 && signature[offset + skip] === 0) skip += 1;
  return { skip, pad: (signature[offset + skip] ?? 0) >= 0x80 ? 1 : 0 };
}
