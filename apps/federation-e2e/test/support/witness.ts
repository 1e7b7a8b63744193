import { msUntilRefused } from './ms-until-refused.ts';
import type { Answer, MadeShare, RawClient } from './raw-client.ts';
import { worksAgain } from './works-again.ts';

/** Someone with whom nothing else is shared, by the domain of the resources. */
const GUESTS = { 'acme.example': 'dave@globex.example', 'globex.example': 'carol@acme.example' } as const;

interface Used {
  readonly ticket: string;
  readonly ict: string;
}

interface Guest {
  readonly share: MadeShare;
  readonly rpt: string;
  readonly note: string;
}

/** What was there before something broke: a used ticket, access that lasts, and access by a share of its own that can be taken back. */
export class Witness {
  readonly client: RawClient;
  readonly #used: Used;
  readonly #lastingRpt: string;
  readonly #guest: Guest;

  private constructor(client: RawClient, used: Used, lastingRpt: string, guest: Guest) {
    this.client = client;
    this.#used = used;
    this.#lastingRpt = lastingRpt;
    this.#guest = guest;
  }

  /** Prepares everything, once all is well. */
  static async prepare(client: RawClient): Promise<Witness> {
    await worksAgain(client);
    const note = client.note('1');
    const email = GUESTS[client.home.emailDomain as keyof typeof GUESTS];
    await client.endShares(email);
    const share = await client.share({ email }, note);
    const rpt = await client.rpt(email, note);
    const { challenge, ict } = await client.prepared();
    const granted = await client.redeem(challenge.ticket, ict);
    if (granted.status !== 200) throw new Error(`the ticket was refused: ${granted.status}`);
    const witness = new Witness(client, { ticket: challenge.ticket, ict }, String(granted.body['access_token']), { share, rpt, note });
    const before = [await witness.read(), await witness.guestReads()].map(({ status }) => status);
    if (before.some((status) => status !== 200)) throw new Error(`no access to begin with: ${before.join()}`);
    return witness;
  }

  /** Redeems the used ticket once more. */
  redeemAgain(): Promise<Answer> {
    return this.client.redeem(this.#used.ticket, this.#used.ict);
  }

  /** A request with an RPT that was good before. */
  read(): Promise<Answer> {
    return this.client.get(this.client.note('1'), `Bearer ${this.#lastingRpt}`);
  }

  guestReads(): Promise<Answer> {
    return this.client.get(this.#guest.note, `Bearer ${this.#guest.rpt}`);
  }

  /** The owner takes the guest's share back. */
  endShare(): Promise<Answer> {
    return this.#guest.share.end();
  }

  /** How long the guest's RPT is still good for, in milliseconds. */
  guestLosesAccess(): Promise<number> {
    return msUntilRefused(() => this.guestReads());
  }
}
