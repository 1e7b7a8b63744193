import type { ClientRegistration } from '../model/client-registration.ts';

/** The clients that an authorization server knows. */
export interface ClientRegistry {
  /**
   * The client with this id, or undefined.
   * @param source who asks, when the id is of a request that nothing is proven of: on its budget strangers are asked (A46)
   * @throws ProtocolError 401 `invalid_client` when what is known elsewhere of the client cannot be had, 429 when the budget is used up,
   *   503 when a store does not answer
   */
  find(clientId: string, source?: string): Promise<ClientRegistration | undefined>;
}
