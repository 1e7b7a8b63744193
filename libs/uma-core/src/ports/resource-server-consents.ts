import type { ClientId, ConsentId } from '../model/ids.ts';

/** That an owner lets a resource server act for them at the protection API, or has ended that. Times are NumericDates. */
export interface ResourceServerConsent {
  /** Names this consent and no later one of the same owner to the same RS. */
  readonly id: ConsentId;
  /** Canonical e-mail address. */
  readonly owner: string;
  readonly resourceServer: ClientId;
  readonly since: number;
  /** When the RS last got a PAT on it. */
  readonly lastUsedAt?: number | undefined;
  /** The owner has ended it: the RS gets no PAT until the owner allows it again. */
  readonly endedAt?: number | undefined;
}

/** The owners' consents: one for each owner and RS, kept when it is ended. Each change is on the record. */
export interface ResourceServerConsents {
  /**
   * The RS proves that the owner signed in at it: makes the consent when there is none, notes the use when it holds. One statement.
   * @param fresh the id of the consent if it is a new one
   * @returns the id of the consent, or undefined when the owner has ended it
   */
  use(consent: { readonly owner: string; readonly resourceServer: ClientId; readonly fresh: ConsentId; readonly now: number }): Promise<ConsentId | undefined>;
  /** Whether exactly this consent holds. Guarantee: false for every call that begins after `end` has returned. */
  holds(consent: Pick<ResourceServerConsent, 'id' | 'owner' | 'resourceServer'>): Promise<boolean>;
  /** This owner's consents, ended ones included, oldest first. */
  listByOwner(owner: string): Promise<readonly ResourceServerConsent[]>;
  /** The owner ends it, and the refresh tokens on it; nothing more happens when it has ended. False when there is none. */
  end(owner: string, resourceServer: ClientId, now: number): Promise<boolean>;
  /**
   * The owner allows again what was ended: a new consent, so that tokens on the ended one stay dead. Nothing happens to one that holds.
   * @returns the consent as it is now; undefined when there was none
   */
  allow(owner: string, resourceServer: ClientId, fresh: ConsentId, now: number): Promise<ResourceServerConsent | undefined>;
}
