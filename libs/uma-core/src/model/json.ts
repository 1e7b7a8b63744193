/** A JSON value (RFC 8259). */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [member: string]: JsonValue };
/** A JSON object. */
export type JsonObject = { readonly [member: string]: JsonValue };
