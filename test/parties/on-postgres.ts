// Runs flows on a PostgreSQL of their own: started once for the project, each box in a database of its own (box.ts).
// Not here: which flows (vitest.config.ts). The one thing to know: the server's URL reaches the tests' processes by `inject`.
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    server: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const server = await startPostgres();
  project.provide('server', server.database());
  return () => server.remove();
}
