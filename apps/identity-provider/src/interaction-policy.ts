import { acrDemand, satisfies } from './authentication-context.ts';
import { errors, interactionPolicy } from './engine.ts';
import type { Context } from './engine.ts';

/**
 * When the sign-in page is shown: oidc-provider's rules (no session, `prompt`, `max_age`, `id_token_hint`), and when the session
 * does not have one of the classes that `acr_values` names (step-up).
 * @throws by way of the check: `unmet_authentication_requirements` (OpenID Connect Core Error Code
 *   unmet_authentication_requirements 1.0) when none of the values can be reached here
 */
export function interactionRules(): object {
  const policy = interactionPolicy.base();
  policy
    .get('login')
    ?.checks.add(new interactionPolicy.Check('acr_values', 'the requested authentication class is not reached', 'login_required', needsStepUp));
  // Consent is given by configuration here; the page is for those who ask for it with prompt=consent.
  policy.get('consent')?.checks.remove('native_client_prompt');
  return policy;
}

/** @throws the refusal for authentication classes that cannot be reached here */
export function unmetAuthenticationRequirements(): Error {
  return new errors.CustomOIDCProviderError('unmet_authentication_requirements', 'none of the requested acr_values can be reached');
}

function needsStepUp(ctx: Context): boolean {
  const demand = acrDemand(ctx.oidc.params['acr_values']);
  if (demand.kind === 'impossible') throw unmetAuthenticationRequirements();
  return !satisfies(demand, ctx.oidc.session.acr);
}
