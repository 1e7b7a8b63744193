import type { UmaFetchOptions } from '../options.ts';

/** Settings of `createUma1Fetch`. */
export interface Uma1FetchOptions extends Omit<UmaFetchOptions, 'dialect' | 'profile' | 'tokenReuse' | 'claimsGathering'> {
  /**
   * An AAT that was had some other way, by an OAuth grant for example, for an issuer; undefined where there is none. Without it the
   * authorization API is used as a resource of UMA 2.0, and what that dance yields is the AAT.
   */
  readonly authorizationApiToken?: ((issuer: string) => Promise<string | undefined>) | undefined;
}
