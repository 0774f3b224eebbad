// The OpenAPI document: valid in structure, complete, true to the access table; and the page made from it.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS } from './access.ts';
import { allRoutes, type House, type Loose, openHouse } from './fixtures/house.ts';
import { PROBLEMS } from './problems.ts';

let house: House;
let document: Loose;
beforeAll(async () => {
  house = await openHouse({ publicUrl: 'https://chat.example.com' });
  document = (await house.call('GET', '/openapi.json', { key: null })).body;
});
afterAll(() => house.close());

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const operations = (): [string, string, Loose][] =>
  Object.entries<Loose>(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method): [string, string, Loose] => [method, path, item[method]]),
  );

function walk(value: Loose, visit: (value: Loose) => void): void {
  if (typeof value !== 'object' || value === null) return;
  visit(value);
  for (const each of Object.values(value)) walk(each, visit);
}

describe('the document', () => {
  it('is OpenAPI 3.1 with info, servers, paths, webhooks and security schemes', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: 'Signalbox', version: '1.2.3' });
    expect(document.servers).toEqual([{ url: 'https://chat.example.com' }]);
    expect(Object.keys(document.webhooks)).toEqual(['botEvent', 'deskEvent', 'channelMessage']);
    expect(Object.keys(document.components.securitySchemes)).toEqual(['key', 'session', 'secret', 'signature']);
  });

  it('has every row of the access table, and nothing else', () => {
    const shown = operations().map(([method, path]) => `${method.toUpperCase()} ${path}`);
    expect(shown.sort()).toEqual(Object.keys(ACCESS).sort());
  });

  it('has one name for each operation, and says its parameters', () => {
    const names = operations().map(([, , operation]) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const [, path, operation] of operations()) {
      const inPath = (operation.parameters ?? []).filter((each: Loose) => each.in === 'path');
      const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(inPath.map((each: Loose) => each.name)).toEqual(placeholders);
      for (const each of inPath) expect(each.required).toBe(true);
      expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
      for (const response of Object.values<Loose>(operation.responses))
        expect(typeof response.description).toBe('string');
    }
  });

  it('says the roles of the access table', () => {
    for (const [method, path, operation] of operations()) {
      const access = ACCESS[`${method.toUpperCase()} ${path}`];
      expect(operation['x-roles'] ?? 'anyone').toEqual(access);
    }
  });

  it('has no reference that leads nowhere, and no type of older versions', () => {
    walk(document, (value) => {
      if (typeof value.$ref === 'string') {
        const target = value.$ref
          .slice(2)
          .split('/')
          .reduce((at: Loose, key: string) => at?.[key], document);
        expect([value.$ref, target !== undefined]).toEqual([value.$ref, true]);
      }
      expect(value.nullable).toBeUndefined();
    });
  });

  it('documents a body where one is read, and refuses unknown fields there', () => {
    for (const route of allRoutes(house.parts)) {
      const body = document.paths[route.path][route.method].requestBody;
      expect([route.name, body !== undefined]).toEqual([route.name, route.body !== undefined]);
      const schema = body?.content['application/json'].schema;
      if (schema?.type === 'object') expect([route.name, schema.additionalProperties]).toEqual([route.name, false]);
    }
  });

  it('says null beside a named shape, never that a value must be both', () => {
    const { Rule, DeliveryWithAttempts } = document.components.schemas;
    const either = (name: string) => ({ anyOf: [{ $ref: `#/components/schemas/${name}` }, { type: 'null' }] });
    expect(Rule.properties.conditions).toEqual(either('Condition'));
    expect(DeliveryWithAttempts.allOf[1].properties.message).toEqual(either('Message'));
    walk(document, ({ allOf }) => expect(JSON.stringify(allOf ?? '')).not.toContain('"null"]}]'));
  });

  it('says that events come as a page or as a stream', () => {
    const { content } = document.paths['/api/v1/events'].get.responses[200];
    expect(Object.keys(content)).toEqual(['application/json', 'text/event-stream']);
  });

  it('has every error code', () => {
    expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(PROBLEMS));
  });

  it('documents the wire of bots with the names of the seed', () => {
    const { BotEvent } = document.components.schemas;
    const names = ['Conversationid', 'ConversationType', 'Message', 'MessageType', 'Messageid', 'Media', 'Channel'];
    const more = ['Event', 'PostbackPayload', 'DeliveryStatus', 'Description', 'Timestamp', 'Signalbox'];
    expect(Object.keys(BotEvent.properties).sort()).toEqual([...names, ...more].sort());
  });
});

describe('the pages', () => {
  it('are whole in themselves: no script, nothing from elsewhere, a strict policy', async () => {
    for (const path of ['/', '/docs', '/problems', '/problems/invalid']) {
      const { text, headers } = await house.call('GET', path, { key: null });
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(text).not.toMatch(/<script|\son\w+=|src=|@import|url\(/i);
      for (const [, target] of text.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^[/#]/);
      const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
      const digest = createHash('sha256').update(style).digest('base64');
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain(`style-src 'sha256-${digest}'`);
      expect(policy).not.toContain('unsafe');
    }
  });

  it('show every operation and every named shape, with links that lead somewhere', async () => {
    const { text } = await house.call('GET', '/docs', { key: null });
    for (const [, , operation] of operations()) expect(text).toContain(`id="${operation.operationId}"`);
    for (const name of Object.keys(document.components.schemas)) expect(text).toContain(`id="schema-${name}"`);
    const ids = new Set([...text.matchAll(/id="([^"]*)"/g)].map((match) => match[1]));
    for (const [, target] of text.matchAll(/href="#([^"]*)"/g))
      expect([target, ids.has(target)]).toEqual([target, true]);
  });
});
