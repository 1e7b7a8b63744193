declare const brand: unique symbol;
type Branded<B extends string> = string & { readonly [brand]: B };

/** An authorization server's issuer identifier (RFC 8414 2), kept and compared code point by code point. */
export type Issuer = Branded<'Issuer'>;
/** A registered client's identifier at one authorization server. */
export type ClientId = Branded<'ClientId'>;
/** `_id` of a registered resource (Federated Authorization 3.2). Prefix `res_`. */
export type ResourceId = Branded<'ResourceId'>;
/** Identifier of a share. Prefix `shr_`. */
export type ShareId = Branded<'ShareId'>;
/** Identifier of a request that an owner decides. Prefix `req_`. */
export type RequestId = Branded<'RequestId'>;
/** Identifier of an owner's consent to a resource server. Prefix `cns_`. */
export type ConsentId = Branded<'ConsentId'>;
/** `jti` of a token. */
export type TokenId = Branded<'TokenId'>;
