const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SCALAR_BYTES = 32;

/**
 * The DER form of a P-256 signature (RFC 3279 2.2.3), from the JWS form (RFC 7518 3.4).
 * @param signature 64 octets, r then s, neither of them zero
 */
export function ecdsaToDer(signature: Uint8Array): Uint8Array {
  const r = toInteger(signature.subarray(0, SCALAR_BYTES));
  const s = toInteger(signature.subarray(SCALAR_BYTES));
  return Uint8Array.of(SEQUENCE, r.length + s.length, ...r, ...s);
}

/**
 * The JWS form (RFC 7518 3.4: 64 octets) of a P-256 signature that OpenSSL made in DER.
 * @param der SEQUENCE of two INTEGERs with one-octet lengths, which is all that P-256 needs
 */
export function ecdsaFromDer(der: Uint8Array): Uint8Array {
  const signature = new Uint8Array(2 * SCALAR_BYTES);
  let offset = 2;
  for (const end of [SCALAR_BYTES, 2 * SCALAR_BYTES]) {
    const length = der[offset + 1] ?? 0;
    const integer = der.subarray(offset + 2, offset + 2 + length);
    // A leading zero octet is only the sign of the INTEGER.
    const scalar = integer.length > SCALAR_BYTES ? integer.subarray(integer.length - SCALAR_BYTES) : integer;
    signature.set(scalar, end - scalar.length);
    offset += 2 + length;
  }
  return signature;
}

function toInteger(scalar: Uint8Array): number[] {
  const firstOctet = scalar.findIndex((octet) => octet !== 0);
  const magnitude = scalar.subarray(firstOctet);
  // X.690 8.3.3: a positive INTEGER whose first bit is set gets a zero octet in front.
  const sign = (magnitude[0] ?? 0) >= 0x80 ? [0] : [];
  return [INTEGER, sign.length + magnitude.length, ...sign, ...magnitude];
}
