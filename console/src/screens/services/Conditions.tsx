// The condition editor: groups within groups (all, any, and their negations), and single conditions in them.
// Not here: a single condition's fields (Leaf.tsx), the tree itself (tree.ts). The one thing to know: each part hands a
// new version of itself up; nothing is changed in place.
import { ActionIcon, Button, NativeSelect, Group as Row, Stack, Text, VisuallyHidden } from '@mantine/core';
import { Icon } from '../../icons/index.tsx';
import { LeafRow } from './Leaf.tsx';
import type { Errors } from './RuleEditor.tsx';
import classes from './Services.module.css';
import { type Branch, MAX_DEPTH, type Node, newGroup, newLeaf } from './tree.ts';
import type { Parties } from './useRules.ts';
import type { FieldName } from './vocabulary.ts';
import { useServiceT } from './words.ts';

export type NodeProps = {
  /** null: taken out */
  change: (node: Node | null) => void;
  fields: readonly FieldName[];
  parties: Parties;
  errors: Errors;
};

const JOINS = { all: ['all', false], any: ['any', false], none: ['any', true], not_all: ['all', true] } as const;
type Join = keyof typeof JOINS;
const joinOf = ({ join, not }: Branch): Join => (join === 'all' ? (not ? 'not_all' : 'all') : not ? 'none' : 'any');

export function Group({ branch, depth, ...common }: NodeProps & { branch: Branch; depth: number }) {
  const t = useServiceT();
  const { change, fields, errors } = common;
  const isRoot = depth === 1;
  const put = (parts: Node[]): void => change({ ...branch, parts });
  const exchange = (index: number, node: Node | null): void =>
    put(branch.parts.flatMap((part, at) => (at !== index ? [part] : node === null ? [] : [node])));
  const join = (chosen: Join): void => {
    const [word, not] = JOINS[chosen];
    change({ ...branch, join: word, not });
  };
  const error = errors.ofNode(branch.key);
  const [first = 'message.text'] = fields;
  return (
    <fieldset className={classes.group}>
      <VisuallyHidden component="legend">{t('cond.group')}</VisuallyHidden>
      <Stack gap="xs">
        {branch.parts.length > 1 || !isRoot ? (
          <Row gap="xs" wrap="nowrap">
            <NativeSelect
              aria-label={t('cond.join')}
              data={(Object.keys(JOINS) as Join[]).map((value) => ({ value, label: t(`join.${value}`) }))}
              value={joinOf(branch)}
              error={error}
              onChange={(event) => join(event.currentTarget.value as Join)}
            />
            {isRoot ? null : (
              <ActionIcon onClick={() => change(null)} aria-label={t('cond.remove_group')}>
                <Icon name="trash" size={16} />
              </ActionIcon>
            )}
          </Row>
        ) : null}
        {branch.parts.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t(isRoot ? 'cond.none' : 'cond.empty')}
          </Text>
        ) : null}
        {branch.parts.map((part, index) =>
          part.kind === 'group' ? (
            <Group
              key={part.key}
              {...common}
              branch={part}
              depth={depth + 1}
              change={(node) => exchange(index, node)}
            />
          ) : (
            <LeafRow key={part.key} {...common} leaf={part} change={(node) => exchange(index, node)} />
          ),
        )}
        <Row gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => put([...branch.parts, newLeaf(first)])}
          >
            {t('cond.add')}
          </Button>
          {depth < MAX_DEPTH - 1 ? (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Icon name="plus" size={14} />}
              onClick={() => put([...branch.parts, { ...newGroup([newLeaf(first)]), join: 'any' }])}
            >
              {t('cond.add_group')}
            </Button>
          ) : null}
        </Row>
      </Stack>
    </fieldset>
  );
}
