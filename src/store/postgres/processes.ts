// The processes on one database: how one begins and ends to be one of them, and how it takes over from those that are gone.
// Not here: the renewing of the lease (peers.ts), and whose thread is whose (claims.ts).
// The one thing to know: who has a row in `leases` lives. Whoever takes over removes the row first; from that commit on
// the former owner is refused, for every transaction looks, under the journal's lock, whether its process is still its own.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Link } from './connection.ts';
import { Away } from './failure.ts';
import type { Transaction } from './writer.ts';

export const LEASE_MS = 6_000;
const UNTIL = `clock_timestamp() + interval '${LEASE_MS} milliseconds'`;
/** Nobody could renew while the server was down: then all have as long again, from its start. */
const RUN_OUT = `until < clock_timestamp()
  AND pg_postmaster_start_time() < clock_timestamp() - interval '${LEASE_MS} milliseconds'`;

/** `place`: where a process runs; null where a successor could not tell whether it is dead. */
type Place = { machine: string; pid: number; started: string };

/** Machine and process space, and when the process there began (in ticks since the machine's start); Linux only. */
function placeOf(pid: number): Place | null {
  try {
    const machine = [
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      readlinkSync('/proc/self/ns/pid'),
      hostname(),
    ].join(' ');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name in brackets, which may hold anything: the state is the third field, the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : { machine, pid, started: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** It ran on this machine, and is there no more. */
function isDead(place: string): boolean {
  const [here, there] = [placeOf(process.pid), readPlace(place)];
  if (here === null || there === null || here.machine !== there.machine) return false;
  return placeOf(there.pid)?.started !== there.started;
}

function readPlace(text: string): Place | null {
  const [machine, pid, started] = text.split('\n');
  return machine && pid && started ? { machine, pid: Number(pid), started } : null;
}

/** Begins to be a process; its number. Rejects with Away while there is another and one of both wants to be alone. */
export async function register(link: Link, alone: boolean): Promise<number> {
  await link.query('BEGIN');
  try {
    await link.query('SELECT 1 FROM journal FOR UPDATE');
    const { rows } = await link.query(`SELECT id, alone, place, ${RUN_OUT} AS over FROM leases`);
    const over = rows.filter((row) => row.over === true || isDead(String(row.place))).map(({ id }) => id);
    const others = rows.filter(({ id }) => !over.includes(id));
    if (others.some((row) => alone || row.alone === true)) {
      throw new Away(
        'The database is in use by another Signalbox, and one of the two must be alone with it: stop the other one first.',
      );
    }
    await link.query('DELETE FROM leases WHERE id = ANY($1)', [over]);
    const { rows: made } = await link.query('UPDATE journal SET fence = fence + 1 RETURNING fence');
    const number = Number(made[0]?.fence);
    const here = placeOf(process.pid);
    const place = here === null ? '' : [here.machine, here.pid, here.started].join('\n');
    await link.query('INSERT INTO processes (id, holder, batch, last) VALUES ($1, $1, 0, 0)', [number]);
    await link.query(`INSERT INTO leases (id, until, alone, place) VALUES ($1, ${UNTIL}, $2, $3)`, [
      number,
      alone,
      place,
    ]);
    await link.query('COMMIT');
    return number;
  } catch (error) {
    if (!link.dead) await link.query('ROLLBACK');
    throw error;
  }
}

/** Takes over from all that are gone; the numbers of processes whose threads are ours now, if there are new ones. */
export async function takeOver(tx: Transaction, me: number): Promise<number[]> {
  tx.send(
    `DELETE FROM leases WHERE id IN (SELECT id FROM leases WHERE id <> $1 AND ${RUN_OUT} FOR UPDATE SKIP LOCKED)`,
    [me],
  );
  const { rows } = await tx.query(
    `UPDATE processes SET holder = $1 WHERE holder <> $1 AND holder NOT IN (SELECT id FROM leases) RETURNING id`,
    [me],
  );
  const taken = rows.map(({ id }) => Number(id));
  // A request that was running there will never answer.
  if (taken.length > 0) tx.send('DELETE FROM idempotency WHERE status IS NULL AND process = ANY($1)', [taken]);
  return taken;
}

/** Whether there is somebody to take over from. */
export const GONE = `EXISTS (SELECT 1 FROM leases WHERE id <> $1 AND ${RUN_OUT})
  OR EXISTS (SELECT 1 FROM processes WHERE holder <> $1 AND holder NOT IN (SELECT id FROM leases))`;

/** Renews the lease; no row when another has taken over. */
export const RENEW = `UPDATE leases SET until = ${UNTIL}, online = $2 WHERE id = $1`;

/** For one that was thought dead, but from which nobody has taken over yet. */
export const RESTORE = `INSERT INTO leases (id, until, alone, place) VALUES ($1, ${UNTIL}, false, '')
  ON CONFLICT (id) DO UPDATE SET until = excluded.until`;

/** Ends it: whoever is there takes over at once. */
export const LEAVE = 'DELETE FROM leases WHERE id = $1';
