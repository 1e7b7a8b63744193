// The declarations are ambient, and a project that compiles this file from source must find them too.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./oidc-provider.d.ts" />
/**
 * The one door to panva's oidc-provider. The grant helpers are what its own grants are made of; they are not
 * documented for other people's grants, so the package is pinned to an exact version and the tests of the
 * password grant exercise each of them.
 */
export { Provider, errors, interactionPolicy } from 'oidc-provider';
export {
  buildTokenResponse,
  checkDpopReplay,
  checkDpopRequired,
  resolveRequestedResources,
  validateClientScope,
  validateDpop,
} from 'oidc-provider/lib/helpers/grants.js';
export type {
  Account,
  Client,
  Context,
  Grant,
  Interaction,
  Middleware,
  ResourceServer,
  ResourceServerInfo,
  SignInFacts,
  StateAdapter,
} from 'oidc-provider';
