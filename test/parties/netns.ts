// A room of a program's own: a network namespace with two cables, one to the parties and one to the database, of which the
// second can be cut and mended. Not here: the program (box.ts), and what must hold when it is cut off (test/prove/cuts.ts).
// The one thing to know: a cable that is down says so at once; a silent one takes every packet and delivers none, which is
// done by sending to a card that nobody has, because not every kernel can drop packets otherwise. Linux and root alone.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

export type Cut = 'down' | 'silent';
export type Room = {
  /** where a program in it listens */
  address: string;
  /** where the database must listen for it */
  database: string;
  /** what runs a program in it */
  through: string[];
  cut(how: Cut): void;
  mend(): void;
  remove(): void;
};

/** 198.18.0.0/15 is kept free for tests of networks (RFC 2544): one cable of each room in either half. */
const [PARTIES, DATABASE] = ['198.18', '198.19'];
const NOBODY = '02:00:00:00:00:99';
const NO_ROOM =
  'this proof gives programs networks of their own: run it on Linux as root, with iproute2 and network namespaces';

function ip(...args: string[]): string {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });
}

let rooms = 0;

/** Rejects, and never passes silently, where there can be none. */
export function makeRoom(): Room {
  const name = `sb${process.pid}-${++rooms}`;
  try {
    if (process.getuid?.() !== 0) throw new Error('not root');
    ip('netns', 'add', name);
  } catch (error) {
    throw new Error(NO_ROOM, { cause: error });
  }
  const remove = (): void => void ip('netns', 'del', name);
  try {
    return furnish(name, freeNumber(), remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/** The third part of addresses that no cable here has. */
function freeNumber(): number {
  const taken = ip('-4', 'addr');
  for (;;) {
    const number = 1 + Math.floor(Math.random() * 254);
    if (!taken.includes(`${PARTIES}.${number}.`)) return number;
  }
}

function furnish(name: string, number: number, remove: () => void): Room {
  const inside = (...args: string[]): string => ip('-n', name, ...args);
  const cable = (letter: string, network: string) => {
    const [here, there] = [`${name}${letter}`, `${letter}0`];
    const [ours, theirs] = [`${network}.${number}.1`, `${network}.${number}.2`];
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    ip('addr', 'add', `${ours}/24`, 'dev', here);
    ip('link', 'set', here, 'up');
    inside('addr', 'add', `${theirs}/24`, 'dev', there);
    inside('link', 'set', there, 'up');
    return { here, there, ours, theirs };
  };
  const [parties, database] = [cable('p', PARTIES), cable('d', DATABASE)];
  // The parties listen on loopback; in the room its address leads through the cable to them.
  writeFileSync(`/proc/sys/net/ipv4/conf/${parties.here}/route_localnet`, '1');
  ip('netns', 'exec', name, 'sh', '-c', `echo 1 > /proc/sys/net/ipv4/conf/${parties.there}/route_localnet`);
  inside('route', 'add', '127.0.0.0/8', 'via', parties.ours, 'dev', parties.there, 'src', parties.theirs);

  const { here, there, ours, theirs } = database;
  let how: Cut | undefined;
  const mend = (): void => {
    if (how === 'down') inside('link', 'set', there, 'up');
    if (how === 'silent') {
      ip('neigh', 'del', theirs, 'dev', here);
      inside('neigh', 'del', ours, 'dev', there);
    }
    how = undefined;
  };
  return {
    address: parties.theirs,
    database: ours,
    through: ['ip', 'netns', 'exec', name],
    cut: (now) => {
      mend();
      how = now;
      if (now === 'down') return void inside('link', 'set', there, 'down');
      ip('neigh', 'replace', theirs, 'lladdr', NOBODY, 'nud', 'permanent', 'dev', here);
      inside('neigh', 'replace', ours, 'lladdr', NOBODY, 'nud', 'permanent', 'dev', there);
    },
    mend,
    remove,
  };
}
