import type { RedisConnectionOptions } from './redis-connection-options.ts';

/** The connection options for `redis://[user:password@]host:port[/database]`. */
export function redisAt(url: string): RedisConnectionOptions {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    address: { kind: 'standalone', host: hostname, port: Number(port || 6379), database: Number(pathname.slice(1) || 0) },
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}
