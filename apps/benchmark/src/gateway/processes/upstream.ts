import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { answerParent } from './answer-parent.ts';

const BODY = JSON.stringify({ id: '1', owner: 'alice', title: 'Shopping', text: 'Bread, butter, and a present for Bob.', tags: ['private', 'home'] });
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nETag: "5f1c"\r\nDate: Fri, 20 Nov 2026 12:00:00 GMT\r\n\r\n${BODY}`,
);
const HEAD_END = '\r\n\r\n';

/** The least that answers requests without a body on connections that stay open: it shall not be what is measured. */
function serve(socket: Socket): void {
  let unread = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (octets) => {
    unread += octets.toString('latin1');
    for (let end = unread.indexOf(HEAD_END); end !== -1; end = unread.indexOf(HEAD_END)) {
      unread = unread.slice(end + HEAD_END.length);
      socket.write(ANSWER);
    }
  });
}

answerParent(async () => {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
});
