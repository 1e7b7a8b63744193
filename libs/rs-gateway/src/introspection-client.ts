import { PeerFailure } from '@uma-federation/federation';
import type { ClientId, Clock, Issuer, ResourceId } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { AccessToken } from './access-token.ts';
import type { ProtectionApi } from './protection-api.ts';

const numericDate = z.number().int().min(0);
const active = z.object({
  active: z.literal(true),
  iss: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  sub: z.string().min(1),
  client_id: z.string().min(1),
  exp: numericDate,
  nbf: numericDate.optional(),
  acr: z.string().optional(),
  auth_time: numericDate.optional(),
  cnf: z.strictObject({ jkt: z.string() }).optional(),
  permissions: z.array(
    z.object({
      resource_id: z.string(),
      resource_scopes: z.array(z.string()),
      exp: numericDate.optional(),
      nbf: numericDate.optional(),
    }),
  ),
});

/** Asks AS-RO about tokens (Federated Authorization 5), for routes that want the answer of this very moment (Decision D10). */
export class IntrospectionClient {
  readonly #api: ProtectionApi;
  readonly #expected: { readonly issuer: Issuer; readonly audience: string; readonly clock: Clock };

  /** @param expected an answer that names another issuer or audience counts as inactive */
  constructor(api: ProtectionApi, expected: { readonly issuer: Issuer; readonly audience: string; readonly clock: Clock }) {
    this.#api = api;
    this.#expected = expected;
  }

  /**
   * Introspects a token; nothing is cached (A77).
   * @returns undefined when it is not active, for another RS, or the answer is not a UMA answer
   * @throws PeerFailure or DiscoveryFailure when AS-RO cannot say
   */
  async introspect(token: string): Promise<AccessToken | undefined> {
    const answer = await this.#api.call({ operation: 'rpt.introspect', token });
    if (answer.status !== 200) throw new PeerFailure('introspection_refused', { status: answer.status });
    const parsed = active.safeParse(answer.json);
    const now = this.#expected.clock.now();
    if (!parsed.success || !this.#isForUs(parsed.data) || now >= parsed.data.exp || now < (parsed.data.nbf ?? 0)) return undefined;
    const { sub, client_id: clientId, exp, acr, auth_time: authTime, cnf, permissions } = parsed.data;
    return {
      subject: sub,
      clientId: clientId as ClientId,
      expiresAt: exp,
      acr,
      authTime,
      confirmationThumbprint: cnf?.jkt,
      // Federated Authorization 5.1.1: a permission may end before its token (F26).
      permissions: permissions
        .filter((permission) => now < (permission.exp ?? Infinity) && now >= (permission.nbf ?? 0))
        .map((permission) => ({ resourceId: permission.resource_id as ResourceId, scopes: permission.resource_scopes })),
    };
  }

  #isForUs({ iss, aud }: z.infer<typeof active>): boolean {
    const audiences = aud === undefined ? [] : [aud].flat();
    return (iss === undefined || iss === this.#expected.issuer) && audiences.every((audience) => audience === this.#expected.audience);
  }
}
