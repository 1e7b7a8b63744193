import type { FederationUnderTest } from '../federation-under-test.ts';
import { Names } from './names.ts';

/** The hosts of this run, as docker-compose.yml names them. */
export function namesOf({ manifest }: Pick<FederationUnderTest, 'manifest'>): Names {
  const fixed = Object.entries(manifest.domains).flatMap(([name, { asRo, asRqp, gateway, identityProvider }]) => {
    const hosts = { as: asRo.issuer, sts: asRqp.issuer, rs: gateway.url, login: identityProvider.issuer };
    return Object.entries(hosts).flatMap(([host, url]) => [
      [url, `https://${host}.${name}.example`],
      [new URL(url).host, `${host}.${name}.example`],
      // AS-RO's realm is its host name, which is everybody's in process.
      [`realm="${new URL(asRo.issuer).hostname}"`, `realm="as.acme.example"`],
    ]);
  });
  return new Names(Object.fromEntries(fixed) as Record<string, string>);
}
