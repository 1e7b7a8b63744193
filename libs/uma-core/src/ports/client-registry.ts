import type { ClientRegistration } from '../model/client-registration.ts';

/** The clients that an authorization server knows. */
export interface ClientRegistry {
  /** The client with this id, or undefined. */
  find(clientId: string): Promise<ClientRegistration | undefined>;
}
