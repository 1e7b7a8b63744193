/** A person of a demo domain. Passwords are part of the manifest: this is a demonstration. */
export interface Person {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** A note that the sample API begins with. */
export interface PlannedNote {
  readonly owner: string;
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Where everything of one domain is, on this machine. */
export interface DomainPlan {
  readonly name: 'acme' | 'globex';
  readonly displayName: string;
  readonly emailDomain: string;
  /** Base URL that stands for `https://{emailDomain}`. */
  readonly front: string;
  readonly asRo: string;
  readonly asRqp: string;
  readonly gateway: string;
  readonly identityProvider: string;
  readonly sampleApi: string;
  readonly people: readonly Person[];
  readonly notes: readonly PlannedNote[];
}

/** Offsets of a domain's ports from its first one. */
const PORTS = { front: 0, asRo: 10, asRqp: 20, gateway: 30, identityProvider: 40, sampleApi: 50 } as const;
const DOMAIN_STEP = 100;
/** The loopback address where clients of the demo wait for redirects. */
const REDIRECT_OFFSET = 90;
const STORAGE_OFFSET = 80;

/** The plan of both domains. @param portBase the first port of acme; globex begins 100 further */
export function planDomains(portBase: number): { readonly acme: DomainPlan; readonly globex: DomainPlan } {
  return {
    acme: plan('acme', 'Acme', portBase, {
      people: [
        { email: 'alice@acme.example', name: 'Alice', password: 'alice-likes-notes' },
        { email: 'carol@acme.example', name: 'Carol', password: 'carol-likes-notes' },
      ],
      notes: [
        { owner: 'alice', id: '1', title: 'Plans for the joint project', text: 'Bob, we meet on Thursday at ten. Bring the drawings. Alice' },
        { owner: 'alice', id: '2', title: 'Salaries', text: 'Nobody but me reads this.' },
        { owner: 'carol', id: '1', title: 'Groceries', text: 'Bread, olives, coffee.' },
      ],
    }),
    globex: plan('globex', 'Globex', portBase + DOMAIN_STEP, {
      people: [
        { email: 'bob@globex.example', name: 'Bob', password: 'bob-likes-notes' },
        { email: 'dave@globex.example', name: 'Dave', password: 'dave-likes-notes' },
      ],
      notes: [
        { owner: 'bob', id: '1', title: 'Drawings', text: 'The drawings are in the blue folder.' },
        { owner: 'dave', id: '1', title: 'Ideas', text: 'A bridge, but shorter.' },
      ],
    }),
  };
}

/** Where the demo's clients wait for redirects of the identity providers. */
export function redirectUri(portBase: number): string {
  return `http://127.0.0.1:${portBase + REDIRECT_OFFSET}/callback`;
}

/** Every URL of a domain that must have a free port. */
export function urlsOf(domain: DomainPlan): readonly string[] {
  return [domain.front, domain.asRo, domain.asRqp, domain.gateway, domain.identityProvider, domain.sampleApi];
}

/** The origin of a resource server that belongs to neither domain: owners of both may keep things there. Nothing listens there by itself. */
export function storageUrl(portBase: number): string {
  return `http://127.0.0.1:${portBase + STORAGE_OFFSET}`;
}

/** The path of a note below a gateway or the API. */
export function notePath(note: { readonly owner: string; readonly id: string }): string {
  return `/users/${note.owner}/notes/${note.id}`;
}

function plan(name: DomainPlan['name'], displayName: string, firstPort: number, content: Pick<DomainPlan, 'people' | 'notes'>): DomainPlan {
  const at = (offset: number): string => `http://127.0.0.1:${firstPort + offset}`;
  return {
    name,
    displayName,
    emailDomain: `${name}.example`,
    front: at(PORTS.front),
    asRo: at(PORTS.asRo),
    asRqp: at(PORTS.asRqp),
    gateway: at(PORTS.gateway),
    identityProvider: at(PORTS.identityProvider),
    sampleApi: at(PORTS.sampleApi),
    ...content,
  };
}
