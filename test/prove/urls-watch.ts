// Watches each TCP connection that a process begins, and none of them leaves this machine: what is public is led to a
// server of ours, all else beyond loopback to a trap. In a process of ours by `watchDials`; in the program itself as a
// preloaded module, told by URLS_WATCH what to do, which also gives it a name server of ours.
// The one thing to know: what is written down is what was asked of the system, before it was led elsewhere.
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

export type Dial = { host: string; port: number };
/** For the program: the file that dials are added to, the names there are, the public addresses and where they lead. */
export type Preload = { file: string; names: Record<string, string[]>; open: string[]; to: number; trap: number };

const LOOPBACK = '127.0.0.1';
const isLoopback = (host: string): boolean => /^127\./.test(host) || host === '::1';

/** Until the function that it gives is called. `lead`: the port on this machine where a dial beyond it ends. */
export function watchDials(saw: (dial: Dial) => void, lead: (dial: Dial) => number): () => void {
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [first] = args;
    const options = (Array.isArray(first) ? first[0] : first) as { host?: string; port?: number } | undefined;
    if (typeof options === 'object' && options.port !== undefined) {
      const dial = { host: options.host ?? 'localhost', port: Number(options.port) };
      saw(dial);
      if (!isLoopback(dial.host)) Object.assign(options, { host: LOOPBACK, port: lead(dial) });
    }
    return Reflect.apply(connect, this, args);
  };
  return () => {
    Socket.prototype.connect = connect;
  };
}

function preload({ file, names, open, to, trap }: Preload): void {
  const saw = ({ host, port }: Dial): void => appendFileSync(file, `${JSON.stringify({ host, port })}\n`);
  watchDials(saw, ({ host }) => (open.includes(host) ? to : trap));
  const turns = new Map<string, number>();
  const lookup = async (host: string): Promise<{ address: string; family: number }[]> => {
    const all = names[host];
    if (all === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    // A name with `|` in its answers gives one after the other, each time it is asked.
    const turn = turns.get(host) ?? 0;
    turns.set(host, turn + 1);
    const now = all.some((each) => each.includes('|')) ? (all[turn % all.length] ?? '').split('|') : all;
    return now.filter(Boolean).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  dns.promises.lookup = lookup as unknown as typeof dns.promises.lookup;
  syncBuiltinESMExports();
}

if (process.env.URLS_WATCH !== undefined) preload(JSON.parse(process.env.URLS_WATCH) as Preload);
