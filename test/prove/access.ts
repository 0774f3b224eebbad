// Proof: every route x everybody who may ask x ids that are ours, foreign or of nothing, made from the access table:
// whoever may not is refused as the table says and has changed nothing; whoever may is let in; never a 5xx.
// Not here: what is asked (access-asks.ts), who asks (access-people.ts). The one thing to know: what was changed is
// seen by comparing all that the lists of the API show, before and after.
import { isDeepStrictEqual } from 'node:util';
import { ACCESS, type Access, mayUse } from '../../src/http/access.ts';
import { type Box, startBox } from '../parties/box.ts';
import { type Answer, call, type Loose } from '../parties/call.ts';
import { ANOTHERS, askOf, BODIES, FOREIGN, type Ids, namesSomething } from './access-asks.ts';
import { type Caller, furnish, type House, people, strangers } from './access-people.ts';

export type Matrix = {
  routes: number;
  callers: number;
  asked: number;
  /** by what came of it */
  refused: number;
  foreign: number;
  letIn: number;
  faults: string[];
};

const API = '/api/v1';
export type Table = Readonly<Record<string, Access>>;
const rowsOf = (table: Table): string[] =>
  Object.keys(table).filter((row) => row.includes(` ${API}/`) && table[row] !== 'anyone');
/** They end the session that asks, or copy the disk: asked once, by keys, when all else is done. */
const ENDING = [`DELETE ${API}/session`, `POST ${API}/backups`];
/** What has no place in a comparison: it tells of the asking itself, or of the time. */
const UNSTEADY = ['/session', '/overview', '/overview/series', '/search', '/backups'];
const PAGE = 100;
const AT_ONCE = 8;
/** Erasing whom nobody knows is no mistake: it says that nothing was erased, and is written down. */
const ERASES = `DELETE ${API}/customers/{asset_id}/{address}`;
const ERASED_NOTHING = { threads: 0, messages: 0, deliveries: 0 };
const WRITTEN_DOWN = /\/(audit|events)\b/;

class Asking {
  readonly found: Matrix;
  readonly #box: Box;
  readonly #owner: Caller;
  readonly #lists: string[];

  /** `lists`: what shows all there is. */
  constructor(box: Box, rows: string[], lists: string[], owner: Caller, callers: number) {
    this.#box = box;
    this.#owner = owner;
    this.found = { routes: rows.length, callers, asked: 0, refused: 0, foreign: 0, letIn: 0, faults: [] };
    this.#lists = lists;
  }

  async ask(row: string, caller: Caller, ids: Ids): Promise<Answer> {
    const { path, body } = askOf(row, ids);
    const method = row.split(' ')[0] as string;
    this.found.asked += 1;
    const asked = body === undefined ? {} : { body };
    return call(method, `${this.#box.base}${path}`, { headers: caller.headers(), ...asked });
  }

  fault(row: string, who: string, what: string, { status, text }: Answer): void {
    this.found.faults.push(`${row} by ${who}, ids ${what}: ${status} ${text.slice(0, 160)}`);
  }

  /** All that can be seen; two of them differ by what was changed between. */
  async seen(): Promise<Map<string, string>> {
    const seen = new Map<string, string>();
    for (const path of this.#lists) {
      for (let after = ''; ; ) {
        const page = await call('GET', `${this.#box.base}${path}${after}`, { headers: this.#owner.headers() });
        seen.set(`${path}${after}`, page.text);
        const next = page.body?.next_cursor;
        if (!next || page.body.data.length < PAGE) break;
        after = `&after=${encodeURIComponent(next)}`;
      }
    }
    return seen;
  }

  /** Asks everybody at once; afterwards all must look as before. */
  async unchanged(row: string, asks: (() => Promise<void>)[], before: Map<string, string>) {
    for (let from = 0; from < asks.length; from += AT_ONCE) {
      await Promise.all(asks.slice(from, from + AT_ONCE).map((ask) => ask()));
    }
    if (row.startsWith('GET ')) return before;
    const after = await this.seen();
    for (const [path, text] of after) {
      if (before.get(path) === text || (row === ERASES && WRITTEN_DOWN.test(path))) continue;
      this.found.faults.push(`${row}: what was refused changed ${path}: ${differs(before.get(path) ?? '', text)}`);
    }
    return after;
  }
}

function differs(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  return `…${before.slice(Math.max(0, at - 60), at + 60)}… became …${after.slice(Math.max(0, at - 60), at + 60)}…`;
}

type Named = { ids: Ids; others: Ids };

/** Whoever may not use the route: refused with this status, whatever the ids. */
function refusals(
  asking: Asking,
  row: string,
  callers: Caller[],
  { ids: own, others }: Named,
): (() => Promise<void>)[] {
  const ours: typeof FOREIGN = { ours: (ids) => ids };
  const named = namesSomething(row, own) ? { ...ours, ...FOREIGN } : ours;
  return callers.flatMap((caller) =>
    Object.entries(named).map(([what, made]) => async () => {
      const answer = await asking.ask(row, caller, made(own, others));
      const [status, code] = caller.role === null ? [401, 'unauthorized'] : [403, 'forbidden'];
      if (answer.status === status && answer.body?.code === code) asking.found.refused += 1;
      else asking.fault(row, caller.name, what, answer);
    }),
  );
}

/** Whoever may use it and names what is not there, or not in its place: told so. */
function foreigners(
  asking: Asking,
  row: string,
  callers: Caller[],
  { ids: own, others }: Named,
): (() => Promise<void>)[] {
  if (!namesSomething(row, own)) return [];
  return callers.flatMap((caller) =>
    Object.entries(FOREIGN).map(([what, made]) => async () => {
      const ids = made(own, others);
      // Only what is named inside of something else can be another's.
      if (what === ANOTHERS && row.split('{').length < 3) return;
      if (isDeepStrictEqual(askOf(row, ids), askOf(row, own))) return;
      const answer = await asking.ask(row, caller, ids);
      const nothing = row === ERASES && isDeepStrictEqual(answer.body, ERASED_NOTHING);
      const told = [404, 409, 422].includes(answer.status) && typeof answer.body?.code === 'string';
      if (told || nothing) asking.found.foreign += 1;
      else asking.fault(row, caller.name, what, answer);
    }),
  );
}

/** With ids of one's own: let in, wherever the table says so. What is deleted is deleted last. */
async function letIn(asking: Asking, rows: string[], caller: Caller, house: House): Promise<void> {
  const order = rows.toSorted((a, b) => Number(a.startsWith('DELETE')) - Number(b.startsWith('DELETE')));
  for (const row of order) {
    const answer = await asking.ask(row, caller, house.ids);
    const away = row.startsWith('DELETE') && answer.status === 404;
    const shut = [401, 403, 404].includes(answer.status) || answer.status >= 500;
    if (away || !shut) asking.found.letIn += 1;
    else asking.fault(row, caller.name, 'of their own', answer);
  }
}

/** The lists, as many at once as they give. */
function listsOf(document: Loose): string[] {
  const paths = rowsOf(ACCESS)
    .filter((row) => row.startsWith('GET ') && !row.includes('{'))
    .map((row) => row.slice('GET '.length));
  const pages = (path: string): boolean =>
    document.paths[path].get.parameters?.some(({ name }: Loose) => name === 'limit') === true;
  return paths
    .filter((path) => !UNSTEADY.includes(path.slice(API.length)))
    .map((path) => (pages(path) ? `${path}?limit=${PAGE}` : path));
}

/** A route that takes a body and is not in BODIES would be asked nothing of worth. */
function known(document: Loose, rows: string[]): string[] {
  const faults: string[] = [];
  const served = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths as Record<string, Loose>)) {
    for (const [method, operation] of Object.entries(methods as Record<string, Loose>)) {
      const row = `${method.toUpperCase()} ${path}`;
      served.add(row);
      if (!path.startsWith(`${API}/`)) continue;
      if (ACCESS[row] === undefined) faults.push(`${row} is served and has no row`);
      const takes = operation.requestBody?.content?.['application/json'] !== undefined;
      const given = BODIES[row.replace(API, '')] !== undefined;
      if (takes && !given && rows.includes(row)) faults.push(`${row} takes a body, and the matrix has none for it`);
    }
  }
  return [...faults, ...rows.filter((row) => !served.has(row)).map((row) => `${row} is in the table and not served`)];
}

/** Another table than the program's, or a part of it, shows that the proof can fail. */
export async function accessMatrix(
  table: Table = ACCESS,
  tell: (done: number) => void = () => undefined,
): Promise<Matrix> {
  const box = await startBox();
  const houses: House[] = [];
  try {
    const rows = rowsOf(table);
    const mayBy = (row: string, { role }: Caller): boolean => role !== null && mayUse(table[row] ?? [], role);
    const everybody = await people(box);
    const [house, next] = [await furnish(box), await furnish(box)];
    houses.push(house, next);
    const named: Named = { ids: house.ids, others: next.ids };
    const outside = await strangers(box, house);
    const document = (await call('GET', `${box.base}/openapi.json`)).body;
    const all = everybody.length + outside.length;
    const asking = new Asking(box, rows, listsOf(document), everybody[0] as Caller, all);
    const { found } = asking;
    found.faults.push(...known(document, rows));
    // What the houses' customers have said is still on its way to its end: it must not seem to be changed by the asking.
    await box.advance(0);
    let before = await asking.seen();
    for (const [done, row] of rows.entries()) {
      const inside = everybody.filter((each) => mayBy(row, each));
      const without = [...everybody.filter((each) => !inside.includes(each)), ...outside];
      const asks = [...refusals(asking, row, without, named), ...foreigners(asking, row, inside, named)];
      before = await asking.unchanged(row, asks, before);
      if (!row.startsWith('GET ')) tell(done);
    }
    const steady = rows.filter((row) => !ENDING.includes(row));
    for (const caller of everybody) {
      const own = await furnish(box);
      houses.push(own);
      const mine = steady.filter((row) => mayBy(row, caller));
      await letIn(asking, mine, caller, own);
    }
    const ending = (caller: Caller): string[] => rows.filter((row) => ENDING.includes(row) && mayBy(row, caller));
    for (const caller of everybody) await letIn(asking, ending(caller), caller, house);
    return found;
  } finally {
    for (const house of houses) await house.close();
    await box.close();
  }
}
