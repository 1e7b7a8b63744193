import { createLogger } from '@uma-federation/nest-kit';
import { loadKeyRing } from '@uma-federation/keys';
import { FakeClock, fixedKeys } from '@uma-federation/testing';
import { GRANT_TYPES, parseCompactJws, TOKEN_TYPE_URNS, type CompactJws } from '@uma-federation/uma-core';
import { asRqpConfiguration, createAsRqp, type AsRqpParts } from '../src/index.ts';
import { FakeDirectory } from './support/fake-directory.ts';
import { FakeIdentityProvider, INTROSPECTION_CLIENT } from './support/fake-identity-provider.ts';
import { accessToken, idToken, resourceClaimsToken, type Forgery } from './support/forged-tokens.ts';
import { basic, sendRequest, type HttpAnswer, type HttpRequest } from './support/send-request.ts';

export const ISSUER = 'https://as.globex.example';
export const TOKEN_URL = `${ISSUER}/token`;
/** Characters that RFC 6749 2.3.1 encodes, on purpose. */
export const APP_SECRET = 'app+secret/of=32:characters%at-least';
export const OTHER_SECRET = 'another-secret-of-32-characters-or-more';
const CHALLENGER_SECRET = 'secret-of-the-one-who-speaks-seed-002';
export const APP = { authorization: basic('app', APP_SECRET) };
/** Marked for the dialect of seed 002. */
export const CHALLENGER = { authorization: basic('challenger', CHALLENGER_SECRET) };
/** Marked for the dialects of seeds 001 and 004 only. */
export const OLDER = { authorization: basic('older', OTHER_SECRET) };
export const OTHER = { authorization: basic('other', OTHER_SECRET) };

const FORM = 'application/x-www-form-urlencoded';
const CLIENTS = [
  { clientId: 'app', clientSecret: APP_SECRET, grantTypes: [GRANT_TYPES.tokenExchange] },
  { clientId: 'other', clientSecret: OTHER_SECRET, grantTypes: [GRANT_TYPES.tokenExchange] },
  { clientId: 'challenger', clientSecret: CHALLENGER_SECRET, grantTypes: [GRANT_TYPES.tokenExchange], dialects: ['ticket-challenge'] },
  { clientId: 'older', clientSecret: OTHER_SECRET, grantTypes: [GRANT_TYPES.tokenExchange], dialects: ['uma-1'] },
  { clientId: 'grantless', clientSecret: OTHER_SECRET, grantTypes: ['client_credentials'] },
  { clientId: 'mobile', public: true, grantTypes: [GRANT_TYPES.tokenExchange] },
];

/** Changes of a form: undefined leaves a parameter out, a list repeats it. */
export type FormChanges = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface HarnessOptions {
  /** NumericDate. Default: the one of `FakeClock`. */
  readonly startAt?: number;
  /** Settings of the configuration that differ. */
  readonly settings?: Record<string, unknown>;
  /** Adapters that differ. */
  readonly overrides?: Partial<AsRqpParts>;
  /** Take the adapters that the configuration asks for, but for the clock, instead of fakes. */
  readonly ownAdapters?: boolean;
  /** The provider can be asked about opaque tokens. Default: yes. */
  readonly introspection?: boolean;
  /** Issuers of further identity providers. */
  readonly furtherProviders?: readonly string[];
}

/** AS-RqP of globex over HTTP, between its identity provider (over HTTP) and a directory of strangers. */
export class Harness {
  readonly clock: FakeClock;
  readonly provider = new FakeIdentityProvider();
  readonly directory = new FakeDirectory();
  /** The clients on whose budget the directory was used. */
  readonly discoveredFor: string[] = [];
  readonly keys = loadKeyRing([fixedKeys.globex]);
  readonly logLines: string[] = [];
  /** Where the service listens. */
  origin = '';
  #stopService: () => Promise<void> = async () => undefined;

  private constructor(clock: FakeClock) {
    this.clock = clock;
  }

  static async start(options: HarnessOptions = {}): Promise<Harness> {
    const harness = new Harness(new FakeClock(options.startAt));
    await harness.provider.start();
    await harness.#startService(options);
    return harness;
  }

  async stop(): Promise<void> {
    await this.#stopService();
    await this.provider.stop();
  }

  /** Forgets what was asked and logged so far. */
  forget(): void {
    this.directory.asked = [];
    this.discoveredFor.length = 0;
    this.logLines.length = 0;
    this.provider.forget();
  }

  /** A token exchange as protocol.md 1.9 message 5, but for the changes. */
  async exchange(changes: FormChanges = {}, headers: HttpRequest['headers'] = APP): Promise<HttpAnswer> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...this.form(), ...changes })) {
      for (const one of [value ?? []].flat()) form.append(name, one);
    }
    return this.post(form.toString(), headers);
  }

  /** The parameters of a good exchange. */
  form(): Record<string, string> {
    return {
      grant_type: GRANT_TYPES.tokenExchange,
      requested_token_type: TOKEN_TYPE_URNS.jwt,
      subject_token: this.accessToken(),
      subject_token_type: TOKEN_TYPE_URNS.accessToken,
      actor_token: this.resourceClaimsToken(),
      actor_token_type: TOKEN_TYPE_URNS.jwt,
    };
  }

  /** POST of a body to the token endpoint. */
  post(body: string, headers: HttpRequest['headers'] = APP, target = '/token'): Promise<HttpAnswer> {
    return this.send(target, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body });
  }

  send(target: string, request?: HttpRequest): Promise<HttpAnswer> {
    return sendRequest(this.origin, target, request);
  }

  accessToken(forgery?: Forgery): string {
    return accessToken(this.clock.now(), this.provider.issuer, forgery);
  }

  idToken(forgery?: Forgery): string {
    return idToken(this.clock.now(), this.provider.issuer, forgery);
  }

  resourceClaimsToken(forgery?: Forgery): string {
    return resourceClaimsToken(this.clock.now(), forgery);
  }

  /** The log line of an answered request. The line is written once the answer has left, so it may come a little later. */
  async logOf({ headers }: HttpAnswer): Promise<Readonly<Record<string, unknown>>> {
    for (let turn = 0; turn < 1000; turn += 1) {
      const line = this.logLines.find((text) => text.includes(`"requestId":"${String(headers['x-request-id'])}"`));
      if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
      await new Promise(setImmediate);
    }
    throw new Error('the request was not logged');
  }

  /** Why a request was refused, from the log. */
  async reasonOf(answer: HttpAnswer): Promise<unknown> {
    return (await this.logOf(answer))['reason'];
  }

  async #startService({ settings = {}, overrides = {}, ownAdapters = false, introspection = true, furtherProviders = [] }: HarnessOptions): Promise<void> {
    const configuration = asRqpConfiguration.parse({
      issuer: ISSUER,
      emailDomains: ['globex.example', 'globex.test'],
      resourceOwnerIssuer: 'https://as-ro.globex.example',
      identityProviders: [
        { issuer: this.provider.issuer, ...(introspection ? { introspection: INTROSPECTION_CLIENT } : {}) },
        ...furtherProviders.map((issuer) => ({ issuer })),
      ],
      clients: CLIENTS,
      keyFile: 'not-used.json',
      server: { host: '127.0.0.1', port: 0, drainDelay: '0ms', closeTimeout: '1s' },
      ...settings,
    });
    const directoryFor = (clientId: string): FakeDirectory => {
      this.discoveredFor.push(clientId);
      return this.directory;
    };
    const logger = createLogger({ name: 'as-rqp', level: 'debug', destination: { write: (line: string) => void this.logLines.push(line) } });
    const fakes = ownAdapters ? {} : { keys: this.keys, directoryFor };
    const service = await createAsRqp(configuration, { logger }, { clock: this.clock, ...fakes, ...overrides });
    this.#stopService = () => service.stop();
    this.origin = await service.listen();
  }
}

/** The identity claims token of a successful answer, taken apart. */
export function issuedToken({ json }: HttpAnswer): CompactJws {
  return parseCompactJws(String(json['access_token']));
}

/** The one answer to every unacceptable subject or actor token and every malformed request. */
export const INVALID_REQUEST = '{"error":"invalid_request","error_description":"The request is malformed or a token in it is not acceptable."}';
export const INVALID_TARGET = '{"error":"invalid_target","error_description":"The target is not acceptable."}';
export const INVALID_CLIENT = '{"error":"invalid_client","error_description":"Client authentication failed."}';

/** What a peer sees of an answer. */
export function seen({ status, text }: HttpAnswer): [status: number, body: string] {
  return [status, text];
}
