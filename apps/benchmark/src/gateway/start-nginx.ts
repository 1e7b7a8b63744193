import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, type BenchmarkRun } from '../harness/index.ts';

const PATIENCE_MS = 5_000;

/** An nginx with one worker. */
export interface Nginx {
  readonly port: number;
  /** Of the worker. */
  readonly processId: number;
}

/** Starts nginx as a proxy with connections to the upstream that stay open. @returns undefined when it is not installed */
export async function startNginx(upstreamPort: number, run: BenchmarkRun): Promise<Nginx | undefined> {
  const port = await freePort();
  const folder = join(run.directory, 'nginx');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, upstreamPort));
  const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: 'ignore' });
  const started = await Promise.race([once(nginx, 'spawn').then(() => true), once(nginx, 'error').then(() => false)]).catch(() => false);
  if (!started) return undefined;
  const ended = once(nginx, 'exit');
  run.cleanup.push(async () => {
    nginx.kill('SIGTERM');
    await ended;
  });
  const exited = ended.then(() => 'exited');
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; ) {
    if ((await Promise.race([accepts(port), exited])) === true) return { port, processId: workerOf(nginx.pid ?? 0) };
    await pause(20);
  }
  throw new Error(`nginx did not start: ${readFileSync(join(folder, 'error.log'), 'utf8').slice(-1000)}`);
}

function configuration(port: number, upstreamPort: number): string {
  return `daemon off; worker_processes 1; pid nginx.pid; error_log error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; server_tokens off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream api { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-Forwarded-For $remote_addr; }
  }
}
`;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** proc(5): the parent is the second field behind the program's name. */
function workerOf(master: number): number {
  const worker = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .find((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[1] === String(master);
      } catch {
        return false;
      }
    });
  if (worker === undefined) throw new Error('nginx has no worker');
  return Number(worker);
}
