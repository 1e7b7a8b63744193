import type { CertificateSubject, ClientAuthenticationMethod, ClientKeys } from './client-registration.ts';
import type { JsonObject } from './json.ts';

/** What a client says about itself (RFC 7591 2), as far as this house keeps it. Nothing of it is proven. */
export interface ClientMetadata {
  readonly authenticationMethod?: ClientAuthenticationMethod | undefined;
  readonly keys?: ClientKeys | undefined;
  readonly certificate?: CertificateSubject | undefined;
  readonly grantTypes?: readonly string[] | undefined;
  readonly scopes: readonly string[];
  readonly redirectUris: readonly string[];
  /** UMA Grant 2: claims redirection URIs (G3). */
  readonly claimsRedirectUris: readonly string[];
  readonly dpopBoundAccessTokens: boolean;
  readonly clientName?: string | undefined;
  readonly clientUri?: string | undefined;
  readonly logoUri?: string | undefined;
  readonly tosUri?: string | undefined;
  readonly policyUri?: string | undefined;
  readonly contacts: readonly string[];
  readonly softwareId?: string | undefined;
  readonly softwareVersion?: string | undefined;
  /** Members in other languages under their wire names, for example `client_name#ja` (RFC 7591 2.2). */
  readonly localized: JsonObject;
}
