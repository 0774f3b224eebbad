// TypeScript types of the API, made from its OpenAPI document: what the console's types are checked against.
// Not here: the document (src/http/openapi.ts). The one thing to know: only named schemas become types; what a screen
// needs by name gets its name with `.openapi('Name')` where it is described.
type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  description?: string;
};

const HEAD = `// The API's types, made from its OpenAPI document. Do not edit: after a change of the API run
// \`npx vitest run --project unit test/console-types.test.ts -u\`, and look at what changed.
`;

const nameOf = (ref: string): string => ref.split('/').at(-1) ?? 'unknown';
const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`);
const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));
const grouped = (type: string): string => (/[|&]/.test(type) ? `(${type})` : type);
const union = (types: string[]): string => [...new Set(types)].join(' | ');

function objectType(schema: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties ?? {}).map(([name, each]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    const said = each.description ? `${inner}/** ${each.description.replaceAll('*/', '')} */\n` : '';
    return `${said}${inner}${key(name)}${optional}: ${typeOf(each, inner)};\n`;
  });
  if (lines.length > 0) return `{\n${lines.join('')}${indent}}`;
  const rest = schema.additionalProperties;
  return `Record<string, ${typeof rest === 'object' && Object.keys(rest).length > 0 ? typeOf(rest, indent) : 'unknown'}>`;
}

function plainType(type: string, schema: Schema, indent: string): string {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'array') return `${grouped(typeOf(schema.items ?? {}, indent))}[]`;
  if (type === 'object') return objectType(schema, indent);
  return type;
}

function typeOf(schema: Schema, indent = ''): string {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return literal(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return union(choices.map((each) => typeOf(each, indent)));
  if (schema.allOf) return schema.allOf.map((each) => grouped(typeOf(each, indent))).join(' & ');
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (schema.enum) {
    const values = schema.enum.map(literal);
    return union(types.includes('null') ? [...values, 'null'] : values);
  }
  if (types.length === 0) return schema.properties ? objectType(schema, indent) : 'unknown';
  return union(types.map((type) => plainType(type, schema, indent)));
}

/** The whole file, sorted by name, so that a change shows as what it is. */
export function typesOf(document: { components: { schemas: Record<string, unknown> } }): string {
  const schemas = Object.entries(document.components.schemas as Record<string, Schema>);
  const types = schemas
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`);
  return `${HEAD}\n${types.join('\n')}`;
}
