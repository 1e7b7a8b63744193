/** Where Keycloak has its endpoints of a realm; paths below the issuer. */
export function keycloakPaths(realm: string) {
  const root = `/realms/${realm}`;
  const protocol = `${root}/protocol/openid-connect`;
  const protection = `${root}/authz/protection`;
  return {
    documents: [`${root}/.well-known/uma2-configuration`, `${root}/.well-known/openid-configuration`],
    token: `${protocol}/token`,
    introspection: `${protocol}/token/introspect`,
    keys: `${protocol}/certs`,
    resources: `${protection}/resource_set`,
    permission: `${protection}/permission`,
  };
}

export type KeycloakPaths = ReturnType<typeof keycloakPaths>;
