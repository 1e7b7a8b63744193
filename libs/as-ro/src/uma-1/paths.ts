/** Paths of the facade below the issuer; apart from everything of UMA 2.0. */
export const UMA_1_RPT_PATH = '/uma-1/rpt';
export const UMA_1_PERMISSION_PATH = '/uma-1/permission';
export const UMA_1_AUTHORIZATION_PATH = '/uma-1/authorization';
export const UMA_1_STATUS_PATH = '/uma-1/status';
/** `rsreguri`: the drafts add `/resource_set/{rsid}`. */
export const UMA_1_REGISTRATION_PATH = '/uma-1';
