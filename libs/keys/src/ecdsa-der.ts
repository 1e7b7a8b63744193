const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SCALAR_BYTES = 32;

/**
 * The DER form of a P-256 signature (RFC 3279 2.2.3), from the JWS form (RFC 7518 3.4).
 * @param signature 64 octets, r then s, neither of them zero
 */
export function ecdsaToDer(signature: Uint8Array): Uint8Array {
  const r = integerOf(signature, 0);
  const s = integerOf(signature, SCALAR_BYTES);
  const der = new Uint8Array(6 + r.length + s.length);
  der[0] = SEQUENCE;
  der[1] = 4 + r.length + s.length;
  writeInteger(der, 2, r, signature.subarray(0, SCALAR_BYTES));
  writeInteger(der, 4 + r.length, s, signature.subarray(SCALAR_BYTES));
  return der;
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

interface IntegerForm {
  /** Leading zero octets of the scalar. */
  readonly zeros: number;
  /** Octets of the INTEGER. */
  readonly length: number;
}

/** X.690 8.3: the fewest octets; a positive INTEGER whose first bit is set gets a zero octet in front. */
function integerOf(signature: Uint8Array, start: number): IntegerForm {
  let zeros = 0;
  while (zeros < SCALAR_BYTES - 1 && signature[start + zeros] === 0) zeros += 1;
  const sign = (signature[start + zeros] ?? 0) >= 0x80 ? 1 : 0;
  return { zeros, length: SCALAR_BYTES - zeros + sign };
}

function writeInteger(der: Uint8Array, offset: number, { zeros, length }: IntegerForm, scalar: Uint8Array): void {
  der[offset] = INTEGER;
  der[offset + 1] = length;
  der.set(scalar.subarray(zeros), offset + 2 + length - (SCALAR_BYTES - zeros));
}
