/** The clients of the demo, registered alike at every server of both domains. */
export interface DemoClients {
  readonly confidential: { readonly clientId: string; readonly clientSecret: string; readonly redirectUris: readonly string[] };
  readonly public: { readonly clientId: string; readonly redirectUris: readonly string[] };
}

/** Scopes of notes; also what the demo's clients are pre-registered for. */
export const NOTE_SCOPES = ['view', 'edit'] as const;

/** @param secret of the confidential client */
export function demoClients(secret: string, redirect: string): DemoClients {
  return {
    confidential: { clientId: 'demo-confidential', clientSecret: secret, redirectUris: [redirect] },
    public: { clientId: 'demo-public', redirectUris: [redirect] },
  };
}

/** The clients as an authorization server's configuration has them. */
export function clientsAt(clients: DemoClients, grantTypes: readonly string[]) {
  const shared = { grantTypes, scopes: [...NOTE_SCOPES] };
  return [
    { clientId: clients.confidential.clientId, clientSecret: clients.confidential.clientSecret, redirectUris: clients.confidential.redirectUris, dialects: ['ticket-challenge', 'uma-1'], ...shared },
    { clientId: clients.public.clientId, public: true, redirectUris: clients.public.redirectUris, ...shared },
  ];
}
