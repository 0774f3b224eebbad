// A condition as a form edits it: groups and single conditions with names for React, and the way to the API's tree and
// back. Pure. The one thing to know: `not` is a property of what it negates, so that every tree of the contract can be
// drawn; two of them cancel out.
import type { Condition } from '../../api/types.ts';
import { type BaseOperator, baseOf, isNumeric, kindOf, takesList } from './vocabulary.ts';

export type Leaf = { key: number; kind: 'leaf'; not: boolean; field: string; op: string; value: unknown };
export type Branch = { key: number; kind: 'group'; not: boolean; join: 'all' | 'any'; parts: Node[] };
export type Node = Leaf | Branch;

/** As the server has it. */
export const MAX_DEPTH = 8;

let keys = 0;
const newKey = (): number => ++keys;

export const newLeaf = (field: string): Leaf => ({
  key: newKey(),
  kind: 'leaf',
  not: false,
  field,
  op: kindOf(field) === 'text' ? 'contains_ignore_case' : kindOf(field) === 'time' ? 'between' : 'equals',
  value: kindOf(field) === 'time' ? ['09:00', '17:00'] : '',
});
export const newGroup = (parts: Node[] = []): Branch => ({
  key: newKey(),
  kind: 'group',
  not: false,
  join: 'all',
  parts,
});

function nodeOf(condition: Condition, not = false): Node {
  if ('not' in condition) return nodeOf(condition.not, !not);
  if ('all' in condition || 'any' in condition) {
    const [join, list] = 'all' in condition ? (['all', condition.all] as const) : (['any', condition.any] as const);
    return { key: newKey(), kind: 'group', not, join, parts: list.map((part) => nodeOf(part)) };
  }
  return { key: newKey(), kind: 'leaf', not, field: condition.field, op: condition.op, value: condition.value };
}

/** The whole tree, always with a group around it. */
export function treeOf(condition: Condition | null | undefined): Branch {
  if (!condition) return newGroup();
  const node = nodeOf(condition);
  return node.kind === 'group' ? node : newGroup([node]);
}

/** What is compared as a number is sent as one. */
function typed({ field, op, value }: Leaf): unknown {
  if (!isNumeric(baseOf(op)) || kindOf(field) !== 'text') return value;
  const number = (each: unknown): unknown =>
    typeof each === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(each) ? Number(each) : each;
  return Array.isArray(value) ? value.map(number) : number(value);
}

function conditionIn(node: Node): Condition {
  const bare: Condition =
    node.kind === 'leaf'
      ? { field: node.field, op: node.op as never, value: typed(node) }
      : node.join === 'all'
        ? { all: node.parts.map(conditionIn) }
        : { any: node.parts.map(conditionIn) };
  return node.not ? { not: bare } : bare;
}

/** What the API takes; null: no conditions. A group around a single condition is left out. */
export function conditionOf(root: Branch): Condition | null {
  if (root.parts.length === 0) return null;
  const [only, more] = root.parts;
  return only && !more && !root.not ? conditionIn(only) : conditionIn(root);
}

/** Where the API's pointers into `conditions` end up in the form: the key of the node that is meant. */
export function keyAt(root: Branch, pointer: string): number | null {
  const condition = conditionOf(root);
  if (condition === null) return null;
  const [only, more] = root.parts;
  let node: Node = only && !more && !root.not ? only : root;
  for (const step of pointer.split('/').filter((part) => part !== '')) {
    if (!/^\d+$/.test(step)) continue;
    const next: Node | undefined = node.kind === 'group' ? node.parts[Number(step)] : undefined;
    if (!next) break;
    node = next;
  }
  return node.key;
}

/** A value of the right shape when the operator changes; what was typed is kept where it fits. */
export function valueFor(base: BaseOperator, field: string, value: unknown): unknown {
  const list = (Array.isArray(value) ? value : [value]).filter((each) => each !== '');
  if (base === 'between')
    return kindOf(field) === 'time' ? [list[0] ?? '09:00', list[1] ?? '17:00'] : [list[0] ?? '', list[1] ?? ''];
  if (takesList(base)) return list;
  return list[0] ?? '';
}
