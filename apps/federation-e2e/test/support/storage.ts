import type { Manifest } from '@uma-federation/federation-app';
import { createLogger } from '@uma-federation/nest-kit';
import { createRsGateway, rsGatewayConfiguration } from '@uma-federation/rs-gateway';
import { createSampleApi } from '@uma-federation/sample-api';

/** A running gateway that belongs to neither domain. */
export interface Storage {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the resource server that the manifest names `storage`: notes of people of both domains, each under the rules of their own AS-RO.
 * @param portBase of the federation; the API behind the gateway takes the port after the gateway's
 */
export async function startStorage({ storage, domains }: Manifest, portBase: number): Promise<Storage> {
  const apiPort = portBase + 81;
  const note = (owner: string) => ({ owner, id: '1', title: 'Kept elsewhere', text: `Only whom ${owner} lets in may read this.` });
  const api = createSampleApi({ host: '127.0.0.1', port: apiPort, notes: [note('alice'), note('bob')] });
  await api.listen();
  const { hostname, port } = new URL(storage.url);
  const shelf = (name: 'acme' | 'globex', owner: string) => ({
    id: name,
    authorizationServer: name,
    path: `/shelves/${name}/{owner}/{id}`,
    methods: { GET: ['view'] },
    resource: 'note {id} of {owner}, kept elsewhere',
    owner: `{owner}@${domains[name].emailDomain}`,
    instances: [{ owner, id: '1' }],
  });
  const configuration = rsGatewayConfiguration.parse({
    publicUrl: storage.url,
    authorizationServers: (['acme', 'globex'] as const).map((name) => ({ name, issuer: domains[name].asRo.issuer, clientId: storage.clientId, clientSecret: storage.clientSecret })),
    upstream: { origin: `http://127.0.0.1:${apiPort}` },
    routes: [shelf('acme', 'alice'), shelf('globex', 'bob')],
    development: { loopback: true },
    server: { host: hostname, port: Number(port), drainDelay: '0s', closeTimeout: '2s' },
  });
  const gateway = await createRsGateway(configuration, { logger: createLogger({ name: 'storage', level: 'silent' }) });
  await gateway.listen();
  await gateway.ready();
  return {
    url: storage.url,
    stop: async () => {
      await gateway.stop();
      await api.close();
    },
  };
}
