/** The same token with the other valid signature. */
export function malleate(token: string): string {
  const [head, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  return `${head}.${payload}.${Buffer.concat([bytes.subarray(0, 32), otherS(bytes.subarray(32))]).toString('base64url')}`;
}

/** The other valid `s` of an ECDSA signature over P-256. */
function otherS(s: Uint8Array): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const other = order - BigInt(`0x${Buffer.from(s).toString('hex')}`);
  return Buffer.from(other.toString(16).padStart(64, '0'), 'hex');
}
