// The servers of initech.example: what one does depends on the first label of the name by which it is asked. All but `clients` behave badly.
// Usage: node stranger.mjs      (deploy/test/compose.test.yml)
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const CLIENT_DOCUMENT = '/tmp/document.json';
const MEBIBYTE = Buffer.alloc(1024 * 1024, ' ');

const behaviours = {
  /** One byte a second, for ever. */
  slow: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 1_000);
    response.on('close', () => clearInterval(drip));
  },
  /** As much as is taken, as fast as it is taken. */
  huge: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const pour = () => {
      while (!response.destroyed && response.write(MEBIBYTE)) { /* Until the client is slower. */ }
    };
    response.on('drain', pour);
    pour();
  },
  /** Takes the request and says nothing. */
  silent: () => {},
  /** Sends to itself, again and again. */
  endless: (response, request) => response.writeHead(302, { location: `https://${request.headers.host}${request.url}x` }).end(),
  broken: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"issuer":'),
  /** The document of a client, once a test has put it there. */
  clients: (response) => {
    if (existsSync(CLIENT_DOCUMENT)) response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(CLIENT_DOCUMENT));
    else response.writeHead(404).end();
  },
};

const files = { key: '/manifest/strangers/key.pem', cert: '/manifest/strangers/certificate.pem' };
const server = createServer(Object.fromEntries(Object.entries(files).map(([name, file]) => [name, readFileSync(file)])), (request, response) => {
  const behaviour = behaviours[String(request.headers.host).split('.')[0]];
  console.log(JSON.stringify({ host: request.headers.host, url: request.url }));
  if (behaviour === undefined) response.writeHead(404).end();
  else behaviour(response, request);
});
server.requestTimeout = 0;
server.listen(443);
