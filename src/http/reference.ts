// The readable reference at /docs, written from the OpenAPI document.
// Not here: the document. The one thing to know: it is HTML without a script; nested shapes unfold by <details>, and
// named ones are written out once and linked.
import type { Document } from './openapi.ts';
import { esc, prose } from './pages.ts';

/** A schema as it stands in the document; only what is shown here. */
type Schema = {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
  default?: unknown;
};
type Parameter = { name: string; in: string; required?: boolean; description?: string; schema?: Schema };
type Content = Record<string, { schema?: Schema }>;
type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
  'x-roles'?: string[];
};
type Paths = Record<string, Record<string, Operation>>;

const anchor = (name: string): string => `schema-${name}`;
const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** The type of a schema in a few words. */
function words(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref);
    return `<a href="#${anchor(name)}">${esc(name)}</a>`;
  }
  const parts = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (parts !== undefined) return parts.map(words).join(schema.allOf ? ' and ' : ' or ');
  if (schema.enum !== undefined) return schema.enum.map((each) => `<code>${esc(String(each))}</code>`).join(' ');
  if (schema.const !== undefined) return `<code>${esc(String(schema.const))}</code>`;
  if (schema.items !== undefined) return `list of ${words(schema.items)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any');
  return esc(schema.format === undefined ? type : `${type} (${schema.format})`);
}

/** The fields of an object, nested ones folded. */
function fields(schema: Schema): string {
  const lists = (schema.oneOf ?? schema.anyOf ?? schema.allOf ?? []).filter((each) => each.properties !== undefined);
  if (lists.length > 0) return lists.map(fields).join('<p class="note">or</p>');
  const entries = Object.entries(schema.properties ?? {});
  if (entries.length === 0) return `<p>${words(schema)}</p>`;
  const items = entries.map(([name, each]) => {
    const must = schema.required?.includes(name) ? '' : ' <span class="note">optional</span>';
    const fallback = each.default === undefined ? '' : `, default <code>${esc(JSON.stringify(each.default))}</code>`;
    const text = each.description === undefined ? '' : `: ${prose(each.description)}`;
    const inner = each.items?.properties === undefined ? each : each.items;
    const nested = inner.properties === undefined ? '' : `<details><summary>fields</summary>${fields(inner)}</details>`;
    return `<li><code>${esc(name)}</code> ${words(each)}${fallback}${must}${text}${nested}</li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

const shapeOf = (content: Content | undefined): Schema | undefined => Object.values(content ?? {})[0]?.schema;

const named = (label: string, schema: Schema | undefined): string =>
  schema === undefined ? '' : `<details><summary>${label}: ${words(schema)}</summary>${fields(schema)}</details>`;

function parameterRows(parameters: Parameter[] | undefined): string {
  if (parameters === undefined || parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, description, schema }) => {
    const about = description ?? schema?.description ?? '';
    return `<tr><td><code>${esc(name)}</code></td><td>${esc(place)}</td><td>${schema ? words(schema) : ''}</td><td>${prose(about)}</td></tr>`;
  });
  return `<details><summary>Parameters</summary><table>${rows.join('')}</table></details>`;
}

function operationText(method: string, path: string, operation: Operation): string {
  const roles = operation['x-roles'];
  const answers = Object.entries(operation.responses)
    .filter(([status]) => status !== 'default')
    .map(
      ([status, answer]) =>
        named(`${status} ${esc(answer.description)}`, shapeOf(answer.content)) ||
        `<p>${status} ${esc(answer.description)}</p>`,
    );
  return `<h3 id="${esc(operation.operationId)}"><span class="method">${esc(method.toUpperCase())}</span> <code>${esc(path)}</code></h3>
<p>${prose(operation.summary)}.${operation.description === undefined ? '' : ` ${prose(operation.description)}`}</p>
${roles === undefined ? '' : `<p class="note">Roles: ${roles.map(esc).join(', ')}</p>`}
${parameterRows(operation.parameters)}${named('Body', shapeOf(operation.requestBody?.content))}${answers.join('')}`;
}

/** All operations by section, then the webhooks, then the named shapes. */
export function referencePage(document: Document): string {
  const {
    paths = {},
    webhooks = {},
    components = {},
    info,
  } = document as unknown as {
    paths?: Paths;
    webhooks?: Paths;
    components?: { schemas?: Record<string, Schema> };
    info: { version: string; description?: string };
  };
  const sections = new Map<string, string[]>();
  for (const [path, methods] of [...Object.entries(paths), ...Object.entries(webhooks)]) {
    for (const [method, operation] of Object.entries(methods)) {
      const section = operation.tags[0] ?? '';
      sections.set(section, [...(sections.get(section) ?? []), operationText(method, path, operation)]);
    }
  }
  const shapes = Object.entries(components.schemas ?? {}).map(
    ([name, schema]) =>
      `<h3 id="${anchor(name)}">${esc(name)}</h3>${schema.description === undefined ? '' : `<p>${prose(schema.description)}</p>`}${fields(schema)}`,
  );
  const links = [...sections.keys(), 'Shapes'].map((each) => `<a href="#${esc(each)}">${esc(each)}</a>`);
  const parts = [...sections].map(([name, texts]) => `<h2 id="${esc(name)}">${esc(name)}</h2>${texts.join('')}`);
  return `<h1>Reference, version ${esc(info.version)}</h1><p>${prose(info.description ?? '')}</p><p>${links.join(' ')}</p>${parts.join('')}<h2 id="Shapes">Shapes</h2>${shapes.join('')}`;
}
