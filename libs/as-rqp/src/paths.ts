/** Paths below the issuer. */
export const TOKEN_PATH = '/token';
export const JWKS_PATH = '/jwks';
