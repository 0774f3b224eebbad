// Backups into the data folder's `backups/`, asked for over the API.
// Not here: the copying; a child process runs `signalbox backup`, so that the copy neither holds up the traffic nor
// has a second way to be made.
// The one thing to know: what failed is kept in memory only; a copy that is there by its name is whole and checked.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup, Backups } from '../http/parts.ts';
import type { DataFolder } from '../settings/data-folder.ts';

/** A month of daily ones; each is as large as the database. */
const BACKUPS_MAX = 30;
const OWNER_FOLDER = 0o700;
const NAME = /^signalbox-[\w-]+\.db$/;
/** What the command says when it fails is one sentence. */
const PROBLEM_MAX = 1_000;

type Parts = {
  data: DataFolder;
  /** the built command */
  command: string;
  now: () => number;
};

export function backupFolder({ data, command, now }: Parts): Backups {
  let last: Backup | null = null;

  function there(): Backup[] {
    let names: string[];
    try {
      names = readdirSync(data.backups);
    } catch {
      return []; // nobody has made one yet
    }
    return names.filter((name) => NAME.test(name)).flatMap((name) => describe(join(data.backups, name), name));
  }

  const list = (): Backup[] => {
    const done = there();
    const open = last !== null && last.status !== 'done' && !done.some(({ name }) => name === last?.name) ? [last] : [];
    return [...open, ...done].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  };

  function end(backup: Backup, problem: string | null): void {
    last = { ...backup, status: problem === null ? 'done' : 'failed', problem };
  }

  return {
    list,
    start() {
      if (last?.status === 'running') {
        return { ok: false, why: 'running', detail: `The backup ${last.name} is still being made.` };
      }
      if (there().length >= BACKUPS_MAX) {
        const detail = `There are ${BACKUPS_MAX} backups in ${data.backups}; move some elsewhere or delete them.`;
        return { ok: false, why: 'full', detail };
      }
      const created_at = new Date(now()).toISOString();
      const name = `signalbox-${created_at.replace(/[:.]/g, '-')}.db`;
      const backup: Backup = { name, status: 'running', bytes: null, created_at, problem: null };
      last = backup;
      copy(data, command, name, (problem) => end(backup, problem));
      return { ok: true, backup };
    },
  };
}

function describe(path: string, name: string): Backup[] {
  try {
    const { size, mtime } = statSync(path);
    return [{ name, status: 'done', bytes: size, created_at: mtime.toISOString(), problem: null }];
  } catch {
    return []; // moved away just now
  }
}

/** Runs the command with no setting but the folder; `done` is told why it failed, or null. */
function copy(data: DataFolder, command: string, name: string, done: (problem: string | null) => void): void {
  try {
    mkdirSync(data.backups, { recursive: true, mode: OWNER_FOLDER });
  } catch (error) {
    done(`${data.backups} cannot be made (${(error as NodeJS.ErrnoException).code}).`);
    return;
  }
  const kept = Object.entries(process.env).filter(([variable]) => !variable.startsWith('SIGNALBOX_'));
  const child = spawn(process.execPath, [command, 'backup', join(data.backups, name), '--data', data.folder], {
    cwd: data.folder,
    env: Object.fromEntries(kept),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, PROBLEM_MAX);
  });
  child.once('error', (error) => done(error.message));
  child.once('close', (code) => done(code === 0 ? null : said.trim() || `The copying ended with ${code}.`));
}
