import { createServer, connect as connectSocket, type AddressInfo, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleGrant, exampleResource } from '@uma-federation/testing';
import type { TokenId } from '@uma-federation/uma-core';
import { createPostgresStores } from '../src/as-ro-stores.ts';
import { connect, type Database, type DatabaseOptions } from '../src/database.ts';
import { StatementFault } from '../src/store-failure.ts';
import { eventually } from './eventually.ts';
import { asOwner, createAsRoDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

const UNAVAILABLE = { error: 'temporarily_unavailable', status: 503, reason: 'store_unavailable', retryAfterSeconds: 1 };
const IMPATIENT: DatabaseOptions = { connectTimeoutMs: 300, poolWaitTimeoutMs: 100, statementTimeoutMs: 200, answerTimeoutMs: 400 };

describe('Database', () => {
  let server: TestDatabase;
  const opened: Database[] = [];
  const open = (options: DatabaseOptions): Database => {
    const database = connect({ ...IMPATIENT, url: server.serviceUrl, ...options });
    opened.push(database);
    return database;
  };
  beforeAll(async () => {
    server = await createAsRoDatabase(embeddedServer());
  });
  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())));
  afterAll(() => server.drop());

  const isWell = (database: Database): Promise<boolean> => database.run((sql) => sql<{ one: number }[]>`select 1 as one`).then(([row]) => row?.one === 1, () => false);
  const sleep = (database: Database, seconds: number) => database.run((sql) => sql<object[]>`select pg_sleep(${seconds})`);

  it('answers 503 when nobody listens, and works as soon as somebody does', async () => {
    const proxy = await startProxy(server.serviceUrl);
    await proxy.refuse();
    const database = open({ url: proxy.url });
    await expect(sleep(database, 0)).rejects.toMatchObject(UNAVAILABLE);
    await proxy.listen();
    await eventually(() => isWell(database));
    await proxy.close();
  });

  it('answers 503 when the password is wrong', async () => {
    await expect(sleep(open({ password: 'wrong' }), 0)).rejects.toMatchObject({ ...UNAVAILABLE, detail: '28P01' });
  });

  it('ends a statement that takes too long, with 503', async () => {
    await expect(sleep(open({}), 30)).rejects.toMatchObject({ ...UNAVAILABLE, detail: '57014' });
  });

  it('lets nobody wait for a connection longer than the limit, and forgets what it has refused', async () => {
    const database = open({ maxConnections: 1, poolWaitTimeoutMs: 50, statementTimeoutMs: 5000, answerTimeoutMs: 5000 });
    const { issuer, ticketId, expiresAt } = exampleGrant([]);
    const ticket = { issuer, tokenId: ticketId, expiresAt };
    const busy = sleep(database, 0.2);
    await expect(createPostgresStores(database).tickets.take(ticket)).rejects.toMatchObject({ ...UNAVAILABLE, detail: 'timeout_pool_wait' });
    await busy;
    expect(await createPostgresStores(database).tickets.take(ticket)).toBe(true);
  });

  it('answers 503 when the connection is lost in the middle of a statement, and does not repeat the statement', async () => {
    const database = open({ ...PATIENT, answerTimeoutMs: 20_000, applicationName: 'to-be-killed' });
    const answer = expect(sleep(database, 10)).rejects.toMatchObject(UNAVAILABLE);
    await asOwner(server, (owner) =>
      eventually(async () => {
        const killed = await owner.run(
          (sql) => sql<{ pid: number }[]>`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to-be-killed' and wait_event = 'PgSleep'`,
        );
        return killed.length > 0;
      }),
    );
    await answer;
    // On every connection the next statement works: none gets the error of the one before.
    expect(await Promise.all(Array.from({ length: 30 }, () => isWell(database)))).not.toContain(false);
    const [row] = await database.run((sql) => sql<{ asleep: number }[]>`select count(*) as asleep from pg_stat_activity where application_name = 'to-be-killed' and wait_event = 'PgSleep'`);
    expect(row?.asleep).toBe(0);
  });

  it('answers 503 in time when the server has gone silent, and gives its connections up for new ones', async () => {
    const proxy = await startProxy(server.serviceUrl);
    const database = open({ url: proxy.url, maxConnections: 1 });
    await eventually(() => isWell(database));
    proxy.swallow();
    const started = performance.now();
    await expect(sleep(database, 0)).rejects.toMatchObject({ ...UNAVAILABLE, detail: 'timeout_answer' });
    expect(performance.now() - started).toBeLessThan(2000);
    // The partition ends for new connections only: the old ones stay silent for ever.
    proxy.forwardNew();
    await eventually(() => isWell(database));
    await proxy.close();
  });

  it('calls text that PostgreSQL cannot hold a bad request, not a failure', async () => {
    const stores = createPostgresStores(open(PATIENT));
    const { issuer, ticketId, expiresAt } = exampleGrant([]);
    const bad = { status: 400, error: 'invalid_request', reason: 'value_not_storable' };
    await expect(stores.tickets.take({ issuer, tokenId: `${ticketId}\0` as TokenId, expiresAt })).rejects.toMatchObject(bad);
    await expect(stores.resources.create(exampleResource({ localized: { 'name#de': '\ud800' } }))).rejects.toMatchObject(bad);
  });

  it('keeps values out of the faults it reports', async () => {
    const stores = createPostgresStores(open(PATIENT));
    const resource = exampleResource({ owner: 'secret-canary@foo.example' });
    await stores.resources.create(resource);
    const fault: unknown = await stores.resources.create(resource).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StatementFault);
    expect(fault).toMatchObject({ code: '23505', constraint: 'resource_pkey' });
    for (const text of [inspect(fault, { showHidden: true, depth: 9 }), JSON.stringify(fault)]) expect(text).not.toMatch(/canary|res_/);
  });

  it('reports a mistake in a statement as what it is', async () => {
    const database = open(PATIENT);
    await expect(database.run((sql) => sql<object[]>`select ${undefined as never}`)).rejects.toMatchObject({ code: 'UNDEFINED_VALUE' });
    await expect(database.run((sql) => sql<object[]>`select no_such_column`)).rejects.toMatchObject({ code: '42703' });
    expect(await isWell(database)).toBe(true);
  });
});

interface Proxy {
  readonly url: string;
  refuse(): Promise<void>;
  listen(): Promise<void>;
  /** Takes bytes and passes none on, on the connections there are and on new ones. */
  swallow(): void;
  /** Passes bytes on again, on new connections only. */
  forwardNew(): void;
  close(): Promise<void>;
}

/** A TCP proxy that can become a black hole. */
async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server: Server = createServer((client) => {
    const upstream = connectSocket(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    if (swallowing) return void client.resume();
    client.pipe(upstream).pipe(client);
  });
  const listen = (wanted: number) => new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const stop = () => new Promise<void>((resolve) => (server.close(() => resolve()), sockets.forEach((socket) => socket.destroy())));
  await listen(0);
  const ownPort = (server.address() as AddressInfo).port;
  const url = new URL(target);
  url.port = String(ownPort);
  return {
    url: url.href,
    refuse: stop,
    listen: () => listen(ownPort),
    swallow: () => {
      swallowing = true;
      for (const socket of sockets) socket.unpipe().resume();
    },
    forwardNew: () => void (swallowing = false),
    close: stop,
  };
}
