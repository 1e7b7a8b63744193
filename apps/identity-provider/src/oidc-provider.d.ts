/**
 * The part of panva's oidc-provider 9.13 that this application uses; the package ships no types.
 * Members keep the names of the package.
 */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Client {
    readonly clientId: string;
    readonly clientName?: string;
    readonly redirectUris: readonly string[];
    readonly clientAuthMethod: string;
  }

  /** What a grant source (code, refresh token, our password sign-in) remembers about the sign-in. */
  export interface SignInFacts {
    readonly acr?: string;
    readonly amr?: readonly string[];
    readonly authTime?: number;
  }

  export interface Account {
    readonly accountId: string;
    claims(): Promise<Record<string, unknown>>;
  }

  export class ResourceServer {
    readonly scope: string;
    identifier(): string;
  }

  export class Grant {
    constructor(properties: { accountId: string; clientId: string });
    readonly jti: string;
    readonly accountId: string;
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    getOIDCScopeFiltered(scopes: Set<string>): string;
    save(ttlSeconds?: number): Promise<string>;
    static find(id: string): Promise<Grant | undefined>;
  }

  export class AccessToken {
    constructor(properties: { accountId: string; client: Client; grantId: string; gty: string });
    readonly kind: string;
    readonly accountId: string;
    readonly clientId: string;
    readonly expiration: number;
    readonly tokenType: string;
    scope: string;
    resourceServer: ResourceServer;
    setThumbprint(confirmation: 'jkt', thumbprint: string): void;
    save(): Promise<string>;
  }

  export class IdToken {
    constructor(available: Record<string, unknown>, options: { ctx: Context });
    scope: string;
    issue(options: { use: 'idtoken' }): Promise<string>;
  }

  export interface OidcContext {
    readonly provider: Provider;
    readonly client: Client;
    readonly params: Record<string, string | undefined>;
    readonly requestParamScopes: Set<string>;
    readonly requestParamOIDCScopes: Set<string>;
    readonly resourceServers: Record<string, ResourceServer>;
    readonly entities: Record<string, unknown>;
    readonly result?: { consent?: { grantId?: string } };
    readonly session: { readonly accountId?: string; readonly acr?: string; grantIdFor(clientId: string): string | undefined };
    entity(name: string, value: unknown): void;
  }

  export interface Context {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly path: string;
    readonly method: string;
    readonly oidc: OidcContext;
    status: number;
    type: string;
    body: unknown;
    set(name: string, value: string): void;
    redirect(url: string): void;
  }

  export type Middleware = (ctx: Context, next: () => Promise<void>) => Promise<void>;

  export interface Interaction {
    readonly uid: string;
    readonly prompt: { readonly name: string; readonly reasons: readonly string[] };
    readonly params: Record<string, string | undefined>;
    readonly session?: { readonly accountId?: string };
  }

  export interface ResourceServerInfo {
    readonly scope: string;
    readonly audience: string;
    readonly accessTokenTTL: number;
    readonly accessTokenFormat: 'jwt' | 'opaque';
    readonly jwt?: { readonly sign: { readonly alg: string } };
  }

  export interface StateAdapter {
    upsert(id: string, payload: Record<string, unknown>, expiresInSeconds?: number): Promise<void>;
    find(id: string): Promise<Record<string, unknown> | undefined>;
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
    findByUserCode(userCode: string): Promise<Record<string, unknown> | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export class Provider {
    constructor(issuer: string, settings: Readonly<Record<string, unknown>>);
    readonly issuer: string;
    proxy: boolean;
    readonly Client: { find(id: string): Promise<Client | undefined> };
    readonly Grant: typeof Grant;
    readonly AccessToken: typeof AccessToken;
    readonly IdToken: typeof IdToken;
    use(middleware: Middleware): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: 'server_error', listener: (ctx: Context, error: Error) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    registerGrantType(name: string, handler: (ctx: Context) => Promise<void>, parameters: readonly string[]): void;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionResult(request: IncomingMessage, response: ServerResponse, result: Record<string, unknown>): Promise<string>;
  }

  export const errors: {
    readonly CustomOIDCProviderError: new (error: string, description: string) => Error;
    readonly InvalidGrant: new (detail: string) => Error;
    readonly InvalidRequest: new (description: string) => Error;
    readonly InvalidTarget: new () => Error;
    readonly SessionNotFound: new (description: string) => Error;
  };

  export interface Prompt {
    readonly checks: { add(check: unknown): void; remove(reason: string): void };
  }

  export const interactionPolicy: {
    readonly Check: new (reason: string, description: string, error: string, check: (ctx: Context) => boolean) => object;
    base(): { get(name: string): Prompt | undefined };
  };
}

declare module 'oidc-provider/lib/helpers/grants.js' {
  import type { Context, Provider, ResourceServer } from 'oidc-provider';

  export interface DpopProof {
    readonly thumbprint: string;
    readonly jti: string;
  }
  export function validateDpop(provider: Provider, ctx: Context): Promise<DpopProof | undefined>;
  export function checkDpopReplay(provider: Provider, ctx: Context, proof: DpopProof | undefined, clientId: string): Promise<void>;
  export function checkDpopRequired(provider: Provider, ctx: Context, proof: DpopProof | undefined): void;
  export function resolveRequestedResources(provider: Provider, ctx: Context): Promise<ResourceServer[]>;
  export function validateClientScope(provider: Provider, ctx: Context): Set<string>;
  export function buildTokenResponse(
    provider: Provider,
    members: {
      accessToken: string;
      expiresIn: number;
      idToken?: string | undefined;
      scope?: string | undefined;
      tokenType: string;
    },
  ): Record<string, unknown>;
}
