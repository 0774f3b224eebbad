// Programs that others wrote, and that know nothing of us: do our channels and bots speak as their networks do?
// Not here: what is asked of them. The one thing to know: they are packages of this folder alone (`npm test` installs
// them), never of Signalbox; no types of theirs are used, so that the rest is checked without them.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** A package's exports, as the shape that the asker needs of it. */
export const witness = <T>(name: string): T => require(name) as T;

/** A file of a package, for those that are programs. */
export const witnessFile = (...path: string[]): string => join(import.meta.dirname, 'node_modules', ...path);
