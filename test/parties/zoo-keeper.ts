// The process in which the animals of the zoo listen: started by zoo.ts, ended with it.
// Not here: what they do. The one thing to know: it says at which port each listens, in the order of ZOO. A redirect
// leads to a bait beside them, which counts who follows.
import { closedPort, type RawServer, rawServer, stuckPort, trap } from '../../src/net/fixtures/servers.ts';
import { type Animal, type Told, ZOO } from './zoo.ts';

/** What they received is of no use here, and would be gigabytes in a long run. */
const FORGET_EVERY_MS = 500;

const servers: RawServer[] = [];

async function settle({ server, tls, stuck }: Animal): Promise<number> {
  const port = stuck ? await stuckPort() : server === undefined ? await closedPort() : 0;
  if (server === undefined) return port;
  const at = { ...(tls ? { tls } : {}), ...(stuck ? { host: '127.0.0.2', port } : {}) };
  const raw = await rawServer((socket, on) => {
    // Some listen to the end of their connection once for each request on it.
    socket.setMaxListeners(0);
    server(socket, on);
  }, at);
  servers.push(raw);
  return raw.port;
}

const tell = (told: Told): void => void process.send?.(told);

const bait = await trap();
process.env.ZOO_BAIT = `http://127.0.0.1:${bait.port}/`;
const ports: number[] = [];
for (const animal of ZOO) ports.push(await settle(animal));
setInterval(() => {
  for (const server of servers) server.requests.length = 0;
}, FORGET_EVERY_MS);
process.on('message', () => tell({ baited: bait.caught() }));
process.on('disconnect', () => process.exit(0));
tell({ ports });
