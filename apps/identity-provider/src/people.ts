import { createHash, timingSafeEqual } from 'node:crypto';
import type { PersonConfig } from './config.ts';

/** A person who can sign in. */
export interface Person {
  /** `sub`: stable for as long as issuer and e-mail address stay the same, and not the e-mail address. */
  readonly subject: string;
  readonly email: string;
  /** `email`, `email_verified`, `name` and the person's own claims. */
  readonly claims: Readonly<Record<string, unknown>>;
}

interface Entry extends Person {
  readonly passwordDigest: Buffer;
  readonly codeDigest: Buffer;
}

/** The people of one domain, from its configuration. */
export class People {
  readonly #byEmail = new Map<string, Entry>();
  readonly #bySubject = new Map<string, Entry>();
  readonly #nobody: Entry;

  constructor(issuer: string, people: readonly PersonConfig[]) {
    for (const person of people) {
      const entry = toEntry(issuer, person);
      this.#byEmail.set(person.email.toLowerCase(), entry);
      this.#bySubject.set(entry.subject, entry);
    }
    this.#nobody = { subject: '', email: '', claims: {}, passwordDigest: digest(''), codeDigest: digest('') };
  }

  /** The names of all claims that some person has beyond the standard ones. */
  claimNames(): string[] {
    return [...new Set([...this.#bySubject.values()].flatMap(({ claims }) => Object.keys(claims)))];
  }

  /** The person with this subject identifier. */
  bySubject(subject: string): Person | undefined {
    return this.#bySubject.get(subject);
  }

  /**
   * The person whom e-mail address (case does not matter), password and, when given, one-time code identify.
   * Does not limit how often somebody may try: that is one of the reasons why this provider is for development only.
   */
  signIn(email: string, password: string, oneTimeCode?: string): Person | undefined {
    const entry = this.#byEmail.get(email.toLowerCase()) ?? this.#nobody;
    const passwordFits = timingSafeEqual(entry.passwordDigest, digest(password));
    const codeFits = oneTimeCode === undefined || timingSafeEqual(entry.codeDigest, digest(oneTimeCode));
    return passwordFits && codeFits && entry !== this.#nobody ? entry : undefined;
  }
}

function toEntry(issuer: string, person: PersonConfig): Entry {
  const { email, name, subject, claims } = person;
  return {
    subject: subject ?? digest(`${issuer}\n${email.toLowerCase()}`).toString('base64url').slice(0, 22),
    email,
    claims: { email, email_verified: true, ...(name === undefined ? {} : { name }), ...claims },
    passwordDigest: digest(person.password),
    codeDigest: digest(person.oneTimeCode),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
