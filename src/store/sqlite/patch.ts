// What changed between two JSON values of one kind, as small JSON: a thread's state is a kilobyte, and an input moves
// two or three numbers of it. Pure. Not here: who keeps it (unsettled.ts).
// The one thing to know: a value in its own brackets replaces the whole; an object names what changed inside. So null is
// a value like any other, and where a name went, the whole around it is replaced.
export type Patch = [unknown] | { [name: string]: Patch };

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** What makes `after` of `before`; undefined when they are the same. */
export function patchOf(before: unknown, after: unknown): Patch | undefined {
  if (before === after) return undefined;
  if (!isFields(before) || !isFields(after) || !isSameShape(before, after)) return [after];
  let patch: { [name: string]: Patch } | undefined;
  for (const name in after) {
    const inner = patchOf(before[name], after[name]);
    if (inner === undefined) continue;
    patch ??= {};
    patch[name] = inner;
  }
  return patch;
}

/** Arrays of one length, or objects of which `after` has every name that `before` has. */
function isSameShape(before: Fields, after: Fields): boolean {
  if (Array.isArray(before) || Array.isArray(after)) {
    return Array.isArray(before) && Array.isArray(after) && before.length === after.length;
  }
  for (const name in before) if (before[name] !== undefined && after[name] === undefined) return false;
  return true;
}

/** `before` with a patch laid over it; `before` itself stays as it is. */
export function patched(before: unknown, patch: Patch): unknown {
  if (Array.isArray(patch)) return patch[0];
  const after = (Array.isArray(before) ? [...before] : { ...(before as Fields) }) as Fields;
  for (const name in patch) after[name] = patched(after[name], patch[name] as Patch);
  return after;
}
