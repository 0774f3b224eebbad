// How an asset is connected: what is remembered, how often readers are told, and that a deleted asset is forgotten.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../engine/ports.ts';
import { type Connections, createConnections } from './connections.ts';

let now: number;
let told: string[];
let changed: Parameters<Directory['onChange']>[0];
let assets: Set<string>;
let connections: Connections;

beforeEach(() => {
  now = 1_000_000;
  told = [];
  assets = new Set(['ast_1', 'ast_2']);
  const row = (_: string, id: string) => (assets.has(id) ? ({ id } as never) : undefined);
  const onChange: Directory['onChange'] = (listener) => {
    changed = listener;
    return () => undefined;
  };
  connections = createConnections({ directory: { row, onChange }, clock: { now: () => now } }, (id) => told.push(id));
});

describe('the connection of an asset', () => {
  it('is nothing until its hook was called', () => {
    const nothing = { handshakeAt: null, eventAt: null, refusedAt: null, refusedReason: null, verifiedAt: null };
    expect(connections.of('ast_1')).toEqual(nothing);
    connections.handshake('ast_1');
    expect(connections.of('ast_1')).toMatchObject({ ...nothing, handshakeAt: now });
    expect(connections.of('ast_2')).toEqual(nothing);
  });

  it('is told at its first event, and then every ten seconds at most', () => {
    for (let n = 0; n < 100; n += 1) connections.event('ast_1');
    expect(told).toEqual(['ast_1']);
    now += 10_000;
    for (let n = 0; n < 100; n += 1) connections.event('ast_1');
    expect(told).toHaveLength(2);
  });

  it('is told at once when something is taken after a refusal', () => {
    connections.event('ast_1');
    now += 5_000;
    connections.refused('ast_1', 'The signature is wrong.');
    connections.event('ast_1');
    expect(told).toHaveLength(3);
    expect(connections.of('ast_1')).toMatchObject({ refusedReason: 'The signature is wrong.', eventAt: now });
  });

  it('is told of refusals once a second, with a reason of bounded length', () => {
    for (let n = 0; n < 100; n += 1) connections.refused('ast_1', 'x'.repeat(10_000));
    expect(told).toHaveLength(1);
    expect(connections.of('ast_1').refusedReason).toHaveLength(500);
    now += 1_000;
    connections.refused('ast_1', 'again');
    expect(told).toHaveLength(2);
  });

  it('is forgotten with its asset', () => {
    connections.verified('ast_1');
    connections.verified('ast_2');
    assets.delete('ast_1');
    changed([
      { kind: 'asset', id: 'ast_1' },
      { kind: 'asset', id: 'ast_2' },
    ]);
    expect([connections.of('ast_1').verifiedAt, connections.of('ast_2').verifiedAt]).toEqual([null, now]);
  });
});
