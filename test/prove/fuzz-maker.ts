// What the fuzzing of routes asks: values made of the OpenAPI document's schemas by chance, with paths, queries and bodies.
// Not here: asking, and judging what is answered (fuzz.ts). The one thing to know: most is as the schema asks, so that the few
// hostile values are met behind the schema too; ids are those that were seen in answers.
import type { Loose } from '../parties/call.ts';

const DEEPEST = 5;
const IDS_KEPT = 300;
const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, -0, '', ' ', '0', '-1', 'null', '../../etc/passwd', '%00', 'a\u0000b'],
  ...['\ud800', '💥'.repeat(300), 'x'.repeat(70_000), "' OR 1=1 --", '<script>alert(1)</script>', '{{7*7}}'],
  ...['2025-13-45T99:99:99Z', 'http://[::1]:80/', 'javascript:alert(1)', '^(a+)+$', '__proto__', 'constructor'],
  ...[[], {}, [[[[[[]]]]]], { __proto__: null, constructor: 1 }, Array.from({ length: 2_000 }, () => 0)],
];

type Schema = Loose;
export type Route = { method: string; path: string; operation: Loose };

/** Values made of a schema by chance: most as it asks, some not. */
export class Maker {
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

  /** Ids anywhere in an answer are asked for from now on. */
  learn(answer: unknown, spared: ReadonlySet<string>): void {
    for (const id of idsIn(answer)) if (this.ids.length < IDS_KEPT && !spared.has(id)) this.ids.push(id);
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

export const routesOf = (document: Loose): Route[] =>
  Object.entries(document.paths as Record<string, Loose>).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => /^(get|post|put|patch|delete)$/.test(method))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation: operation as Loose })),
  );

/** Ids anywhere in an answer. */
function* idsIn(value: unknown): Generator<string> {
  if (typeof value === 'string' && /^[a-z]{2,6}_[0-9a-z]{26}$/.test(value)) yield value;
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* idsIn(each);
}

export function request(route: Route, maker: Maker): { path: string; body: unknown } {
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
