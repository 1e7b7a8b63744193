import type { Uma1Version } from '@uma-federation/uma-core';
import { AsRoUnderTest, toChallenge, type Challenge, type IdentityChanges } from '../harness.ts';
import { OLD_APP, OLD_RS, type TestClient } from './clients.ts';
import type { Answer } from './send-request.ts';

export const VERSIONS: readonly Uma1Version[] = ['draft-05', 'draft-07', '1.0.1'];

/** Where each document has the authorization request. */
export const AUTHORIZATION: Readonly<Record<Uma1Version, string>> = { 'draft-05': '/uma-1/authorization', 'draft-07': '/uma-1/authorization', '1.0.1': '/uma-1/rpt' };

/** Requests of the older dialects against an AS-RO. */
export class Uma1UnderTest {
  readonly asRo: AsRoUnderTest;
  readonly version: Uma1Version;

  private constructor(asRo: AsRoUnderTest, version: Uma1Version) {
    this.asRo = asRo;
    this.version = version;
  }

  static async start(version: Uma1Version, settings: Record<string, unknown> = {}): Promise<Uma1UnderTest> {
    return new Uma1UnderTest(await AsRoUnderTest.start({ settings: { uma1: { enabled: true, version }, ...settings } }), version);
  }

  /** An AAT for the client and Bob, by the ordinary correlated flow, beginning with a request that has none. */
  async aat(client: TestClient = OLD_APP, changes: IdentityChanges = {}): Promise<string> {
    const refused = await this.asRo.api('POST', '/uma-1/rpt', undefined, 'none');
    const { body } = await this.asRo.access(challengeOf(refused), { clientId: client.id, ...changes }, { client });
    return String(body['access_token']);
  }

  /** A fresh RPT: from the RPT endpoint in the drafts; in 1.0.1 there is none without a ticket. */
  async rpt(aat: string): Promise<string> {
    return String((await this.asRo.api('POST', '/uma-1/rpt', undefined, aat)).body['rpt']);
  }

  /** A ticket for a resource of the older RS, from its own endpoint. */
  async ticket(resourceId: string, scopes: readonly string[] = ['view'], server: TestClient = OLD_RS): Promise<string> {
    return String((await this.registerPermission({ resource_set_id: resourceId, scopes }, server)).body['ticket']);
  }

  async registerPermission(permission: unknown, server: TestClient = OLD_RS): Promise<Answer> {
    return this.asRo.api('POST', '/uma-1/permission', permission, await this.asRo.pat(server));
  }

  /** Alice's note at the older RS, shared with Bob, and a ticket for it. */
  async sharedNote(share: Record<string, unknown> = {}, server: TestClient = OLD_RS): Promise<{ readonly id: string; readonly shareId: string; readonly ticket: string }> {
    const id = await this.asRo.register({}, server);
    const shareId = await this.asRo.share(id, share);
    return { id, shareId, ticket: await this.ticket(id, ['view'], server) };
  }

  /** The authorization request. */
  authorize(aat: string, body: unknown): Promise<Answer> {
    return this.asRo.api('POST', AUTHORIZATION[this.version], body, aat);
  }

  /** Introspection in the form of UMA 2.0. */
  async introspect(token: string, server: TestClient = OLD_RS): Promise<Answer> {
    return this.asRo.post('/introspect', { token }, { Authorization: `Bearer ${await this.asRo.pat(server)}` });
  }

  /** Ids and scopes that the RS is told. */
  async permissions(token: string, server: TestClient = OLD_RS): Promise<unknown> {
    const { body } = await this.introspect(token, server);
    return body['active'] === true ? (body['permissions'] as { resource_id: string; resource_scopes: string[] }[]).map(({ resource_id, resource_scopes }) => [resource_id, ...resource_scopes]) : 'inactive';
  }

  /** The token status endpoint of this version. */
  async status(token: string, server: TestClient = OLD_RS): Promise<Answer> {
    const pat = await this.asRo.pat(server);
    if (this.version === 'draft-05') return this.asRo.api('POST', '/uma-1/status', { rpt: token, resource_set_id: 'any', host_id: 'photoz.acme.example' }, pat);
    return this.asRo.post('/uma-1/status', { token }, { Authorization: `Bearer ${pat}` });
  }
}

/** The ticket and the resource claims token of a 401. */
export function challengeOf({ headers }: Answer): Challenge {
  const header = String(headers['www-authenticate']);
  const parameter = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(header)?.[1] ?? '';
  return toChallenge({ ticket: parameter('ticket'), resource_claims_token: parameter('resource_claims_token') });
}

/** The part of an answer that the older documents speak of. */
export function failure({ status, body }: Answer): object {
  return { http: status, status: body['status'], error: body['error'] };
}

/** Without its parameters. */
export function mediaTypeOf({ headers }: Answer): string | undefined {
  return headers['content-type']?.split(';', 1)[0];
}
