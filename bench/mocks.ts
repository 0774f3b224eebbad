// The mocks around the subjects, and whatever else of this folder is a process of its own: how it is started, asked, ended.
// Not here: what is measured (subjects.ts). The one thing to know: such a process tells its port first, and ends when we do.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { sleep } from '../test/parties/call.ts';

export type Mock = { child: ChildProcess; port: number; ask<T>(order: object): Promise<T> };

const END_WITHIN_MS = 7_000;

const gone = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

export async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await Promise.race([gone(child), sleep(END_WITHIN_MS)]);
  child.kill('SIGKILL');
}

/** A file of this folder, TypeScript or not, which tells its port first. */
export function startMock(file: string): Promise<Mock> {
  const execArgv = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = fork(join(import.meta.dirname, file), { execArgv, stdio: 'inherit' });
  const ask = <T>(order: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`${file} ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (answer) => {
        child.off('exit', ended);
        resolve(answer as T);
      });
      child.send(order);
    });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    child.once('message', (hello: { port: number }) => resolve({ child, port: hello.port, ask }));
  });
}
