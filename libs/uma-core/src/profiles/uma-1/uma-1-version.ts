/**
 * The documents of UMA 1.0 that the facade can speak: draft-hardjono-oauth-umacore-05 (October 2012), -07 (April 2013), and the
 * recommendation 1.0.1 (December 2015). They differ in names, media types and error codes (protocol.md section 4).
 */
export type Uma1Version = 'draft-05' | 'draft-07' | '1.0.1';

/** OAuth scopes of the two APIs in the drafts; 1.0.1 says `uma_protection` and `uma_authorization`. */
export const UMA_1_SCOPES = {
  protection: 'http://docs.kantarainitiative.org/uma/scopes/prot.json',
  authorization: 'http://docs.kantarainitiative.org/uma/scopes/authz.json',
} as const;
