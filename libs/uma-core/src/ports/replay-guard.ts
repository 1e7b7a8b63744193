/** Remembers identifiers that may be used once within a window. What it holds may be lost: unreachable means refuse. */
export interface ReplayGuard {
  /**
   * Atomic: true for exactly one of any number of concurrent callers with the same namespace, issuer and id until `expiresAt` (NumericDate).
   * @throws ProtocolError 503 when the store does not answer within its deadline
   */
  firstSeen(namespace: string, issuer: string, id: string, expiresAt: number): Promise<boolean>;
}
