import type { Manifest } from './manifest.ts';

/** What a person can do with a running federation, as text. */
export function nextSteps(manifest: Manifest, manifestFile: string): string {
  const { acme, globex } = manifest.domains;
  const note = `${acme.gateway.url}/users/alice/notes/1`;
  const custom = acme.asRo.issuer.endsWith(':4110') ? '' : ` --manifest ${manifestFile}`;
  return `The federation is up. Try, in another terminal:

  npm run uma -- get --as bob@globex.example --trace ${note}${custom}
  npm run uma -- get --as dave@globex.example ${note}${custom}        (denied: Alice did not share it with Dave)
  curl -i ${note}                          (401: the ticket and the resource claims token)
  curl -s ${acme.asRo.issuer}/.well-known/uma2-configuration
  curl -s '${acme.webfinger}?resource=acct:alice@acme.example'
  bash docs/flows/ten-steps.sh                  (all ten steps with nothing but curl)

            acme                    globex
  gateway   ${acme.gateway.url}   ${globex.gateway.url}
  AS-RO     ${acme.asRo.issuer}   ${globex.asRo.issuer}
  AS-RqP    ${acme.asRqp.issuer}   ${globex.asRqp.issuer}
  sign-in   ${acme.identityProvider.issuer}   ${globex.identityProvider.issuer}   (development only)
  owner API ${acme.ownerApi.url}   ${globex.ownerApi.url}

People, passwords, clients: ${manifestFile}
Ctrl-C stops everything; the data stay (npm start -- --fresh empties them).`;
}
