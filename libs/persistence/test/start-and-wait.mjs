// Starts an embedded PostgreSQL on the directory of the first argument, says where it is, and then does nothing: until it is killed.
import { startEmbeddedPostgres } from '../src/embedded-postgres.ts';

const [, , dataDirectory] = process.argv;
const server = await startEmbeddedPostgres(dataDirectory === undefined ? {} : { dataDirectory });
console.log(JSON.stringify({ processId: server.processId, dataDirectory: server.dataDirectory }));
setInterval(() => undefined, 60_000);
