// Proof: every route that the OpenAPI document names, with bodies, queries and ids that are right, nearly right and
// hostile: never a 5xx, never silence, and every refusal is a problem with a code.
// Not here: who may ask what (test/flows/access.test.ts). The one thing to know: what was asked last is asked again, so that
// ids which exist are met as often as those which do not.
import { type Box, startBox } from '../parties/box.ts';
import { call, type Loose } from '../parties/call.ts';
import { makeWorld } from '../parties/world.ts';
import { chance } from './chance.ts';

export type Fuzzed = {
  asked: number;
  routes: number;
  /** by the first digit of the status */
  statuses: Record<string, number>;
  slowestMs: number;
  /** what must not be, with what was asked */
  faults: string[];
};

const SILENT_MS = 10_000;
const DEEPEST = 5;
const IDS_KEPT = 300;
const AT_ONCE = 8;
/** A backup copies the disk, and a rotation of the key would end the asking. */
const LEFT_OUT = /\/backups|\/session\b/;
const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, -0, '', ' ', '0', '-1', 'null', '../../etc/passwd', '%00', 'a\u0000b'],
  ...['\ud800', '💥'.repeat(300), 'x'.repeat(70_000), "' OR 1=1 --", '<script>alert(1)</script>', '{{7*7}}'],
  ...['2025-13-45T99:99:99Z', 'http://[::1]:80/', 'javascript:alert(1)', '^(a+)+$', '__proto__', 'constructor'],
  ...[[], {}, [[[[[[]]]]]], { __proto__: null, constructor: 1 }, Array.from({ length: 2_000 }, () => 0)],
];

type Schema = Loose;
type Route = { method: string; path: string; operation: Loose };

/** Values made of a schema by chance: most as it asks, some not. */
class Maker {
  readonly #random: () => number;
  readonly #document: Loose;
  readonly ids: string[];

  constructor(document: Loose, random: () => number, ids: string[]) {
    this.#document = document;
    this.#random = random;
    this.ids = ids;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }

  one(share: number): boolean {
    return this.#random() < share;
  }

  id(): string {
    return this.one(0.85) ? this.pick(this.ids) : wordOf(this.pick(HOSTILE));
  }

  value(given: Schema | undefined, depth = 0): unknown {
    if (given === undefined || this.one(0.06)) return this.pick(HOSTILE);
    const schema = this.#resolve(given);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices && depth < DEEPEST) return this.value(this.pick(choices), depth);
    if (schema.allOf && depth < DEEPEST) {
      return Object.assign({}, ...schema.allOf.map((each: Schema) => this.value(each, depth + 1)));
    }
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return this.pick(schema.enum);
    const type = Array.isArray(schema.type) ? this.pick(schema.type as string[]) : schema.type;
    if (type === 'object') return this.#object(schema, depth);
    if (type === 'array') {
      if (depth >= DEEPEST) return [];
      return Array.from({ length: Math.floor(this.#random() * 4) }, () => this.value(schema.items, depth + 1));
    }
    if (type === 'integer') return Math.floor(this.#random() * 200) + (schema.minimum ?? 0);
    if (type === 'number') return this.#random() * 1_000;
    if (type === 'boolean') return this.one(0.5);
    if (type === 'null') return null;
    return this.#words(schema);
  }

  #object(schema: Schema, depth: number): unknown {
    const made: Loose = {};
    if (depth >= DEEPEST) return made;
    const required = new Set<string>(schema.required ?? []);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (required.has(name) ? !this.one(0.04) : this.one(0.4)) made[name] = this.value(property as Schema, depth + 1);
    }
    if (this.one(0.05)) made[this.pick(['more', '__proto__', 'constructor', ''])] = this.pick(HOSTILE);
    return made;
  }

  #words(schema: Schema): string {
    if (this.one(0.35)) return this.pick(this.ids);
    if (schema.format === 'date-time') return new Date(this.#random() * 4e12).toISOString();
    return this.pick(['name', 'https://example.com/x', 'owner', 'text', 'message.received', 'en', 'sim-a', '1']);
  }

  #resolve(schema: Schema): Schema {
    let found = schema;
    for (let hops = 0; typeof found.$ref === 'string' && hops < 10; hops++) {
      found = found.$ref
        .slice(2)
        .split('/')
        .reduce((at: Loose, key: string) => at?.[key], this.#document) as Schema;
    }
    return found ?? {};
  }
}

const routesOf = (document: Loose): Route[] =>
  Object.entries(document.paths as Record<string, Loose>).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => /^(get|post|put|patch|delete)$/.test(method) && !LEFT_OUT.test(path))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation: operation as Loose })),
  );

/** Ids anywhere in an answer. */
function* idsIn(value: unknown): Generator<string> {
  if (typeof value === 'string' && /^[a-z]{2,6}_[0-9a-z]{26}$/.test(value)) yield value;
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* idsIn(each);
}

function request(route: Route, maker: Maker): { path: string; body: unknown } {
  let path = route.path.replace(/\{\w+\}/g, () => encodeURIComponent(safe(maker.id())));
  const query = new URLSearchParams();
  for (const { in: place, name, schema } of route.operation.parameters ?? []) {
    if (place === 'query' && maker.one(0.4)) query.set(name, safe(wordOf(maker.value(schema))));
  }
  if (query.size > 0) path += `?${query}`;
  const schema = route.operation.requestBody?.content?.['application/json']?.schema;
  return { path, body: schema === undefined ? undefined : maker.value(schema) };
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** What can stand in a URL at all. */
const safe = (text: string): string => text.replace(/[\ud800-\udfff]/g, '?').slice(0, 500) || '-';

/** '' or what is wrong with an answer. */
function faultOf({ status, headers, body }: { status: number; headers: Record<string, string>; body: Loose }): string {
  if (status >= 500) return `answered ${status} ${body?.code ?? ''} ${body?.request_id ?? ''}`;
  if (status < 400) return '';
  const isProblem = headers['content-type']?.startsWith('application/problem+json') && typeof body?.code === 'string';
  // Direct Line has its own words for it.
  return isProblem || typeof body?.error?.code === 'string' ? '' : `refused with ${status} and no problem`;
}

async function people(box: Box): Promise<string[]> {
  const world = await makeWorld(box);
  const line = await world.offered('hello');
  const ids = [line.thread, line.conversation, line.deskConversation, world.service, world.rule];
  const all = [...ids, world.bot.id, world.desk.id, world.channel.asset.id];
  await world.close();
  return all;
}

async function askOne(box: Box, route: Route, maker: Maker, found: Fuzzed): Promise<void> {
  const { path, body } = request(route, maker);
  const headers = { authorization: `Bearer ${box.key}` };
  const asked = { headers, timeoutMs: SILENT_MS, ...(body === undefined ? {} : { body }) };
  const from = performance.now();
  const fault = await call(route.method, `${box.base}${path}`, asked).then((answer) => {
    const digit = `${Math.floor(answer.status / 100)}xx`;
    found.statuses[digit] = (found.statuses[digit] ?? 0) + 1;
    for (const id of idsIn(answer.body)) if (maker.ids.length < IDS_KEPT) maker.ids.push(id);
    return faultOf(answer);
  }, String);
  if (fault) found.faults.push(`${route.method} ${path} ${JSON.stringify(body)?.slice(0, 300) ?? ''}: ${fault}`);
  found.slowestMs = Math.max(found.slowestMs, performance.now() - from);
}

export async function fuzzRoutes(
  { times, seed }: { times: number; seed: number },
  tell: (done: number) => void = () => undefined,
): Promise<Fuzzed> {
  const random = chance(seed);
  const box = await startBox();
  try {
    const ids = await people(box);
    const document = (await call('GET', `${box.base}/openapi.json`)).body;
    const routes = routesOf(document);
    const kept = routes.filter(({ method }) => method !== 'DELETE');
    const maker = new Maker(document, random, ids);
    const found: Fuzzed = { asked: 0, routes: routes.length, statuses: {}, slowestMs: 0, faults: [] };
    const ask = async (): Promise<void> => {
      while (found.asked < times) {
        found.asked += 1;
        // What is deleted cannot be asked for any more.
        const route = maker.pick(maker.one(0.9) ? kept : routes);
        await askOne(box, route, maker, found);
        if (found.asked % 500 === 0) tell(found.asked);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    const alive = await call('GET', `${box.base}/health/ready`);
    if (alive.status !== 200) found.faults.push(`afterwards it is not ready: ${alive.status}`);
    return found;
  } finally {
    await box.close();
  }
}
