import type { Issuer } from '../../model/ids.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Uma1Version } from './uma-1-version.ts';

/** What the configuration document names. */
export interface Uma1ConfigurationInput {
  readonly issuer: Issuer;
  readonly version: Uma1Version;
  /** Absolute URLs. */
  readonly endpoints: {
    readonly token: string;
    readonly rpt: string;
    readonly permission: string;
    readonly authorization: string;
    readonly status: string;
    readonly resourceSet: string;
  };
  /** How a PAT, and how an AAT, can be had: OAuth grant types. */
  readonly patGrantTypes: readonly string[];
  readonly aatGrantTypes: readonly string[];
}

/** V101 3.4.2: the identifying URI of the bearer profile of RPTs. */
const BEARER_RPT_PROFILE = 'https://docs.kantarainitiative.org/uma/profiles/uma-token-bearer-1.0';

/**
 * The authorization server configuration data of UMA 1.0 (D05 1.5, D07 1.4, V101 1.4; protocol.md 4.1). `user_endpoint` or
 * `authorization_endpoint` is missing, because there is no authorization_code grant; so are the members of claims gathering.
 */
export function uma1Configuration({ issuer, version, endpoints, patGrantTypes, aatGrantTypes }: Uma1ConfigurationInput): JsonObject {
  const common = {
    version: '1.0',
    issuer,
    token_endpoint: endpoints.token,
    resource_set_registration_endpoint: endpoints.resourceSet,
    permission_registration_endpoint: endpoints.permission,
    rpt_endpoint: endpoints.rpt,
  };
  if (version === 'draft-05') {
    return {
      ...common,
      // Only clients that the operator has marked may speak this.
      dynamic_client_registration_supported: 'no',
      oauth_token_profiles_supported: ['bearer'],
      uma_token_profiles_supported: ['bearer'],
      oauth_grant_types_supported: [...new Set([...patGrantTypes, ...aatGrantTypes])],
      rpt_status_endpoint: endpoints.status,
      permission_request_endpoint: endpoints.authorization,
    };
  }
  const later = {
    ...common,
    pat_profiles_supported: ['bearer'],
    aat_profiles_supported: ['bearer'],
    rpt_profiles_supported: [version === '1.0.1' ? BEARER_RPT_PROFILE : 'bearer'],
    pat_grant_types_supported: patGrantTypes,
    aat_grant_types_supported: aatGrantTypes,
    introspection_endpoint: endpoints.status,
  };
  return version === '1.0.1' ? later : { ...later, authorization_request_endpoint: endpoints.authorization };
}
