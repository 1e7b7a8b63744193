import { connect } from 'node:net';

/** Sends bytes as they are to a port of this machine and collects everything that comes back until the connection ends. */
export async function rawRequest(port: number, bytes: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
