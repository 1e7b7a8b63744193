export { ONE_TIME_CODE_ACR, PASSWORD_ACR } from './authentication-context.ts';
export type { IdentityProviderConfig } from './config.ts';
export { createIdentityProvider } from './create-identity-provider.ts';
export type { IdentityProvider, IdentityProviderOptions } from './create-identity-provider.ts';
export { OPAQUE_RESOURCE, USERINFO_SCOPE } from './resources.ts';
export { generateSigningKeys } from './signing-keys.ts';
