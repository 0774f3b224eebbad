// One condition: a field, a comparison and a value of the field's own kind.
// Not here: groups (Conditions.tsx). The one thing to know: attributes have any name, so theirs is typed; choosing
// another field begins with a comparison that means something for it.
import { ActionIcon, Checkbox, Group, MultiSelect, NativeSelect, TagsInput, TextInput } from '@mantine/core';
import { Icon } from '../../icons/index.tsx';
import type { NodeProps } from './Conditions.tsx';
import classes from './Services.module.css';
import { type Leaf, newLeaf, valueFor } from './tree.ts';
import type { Parties } from './useRules.ts';
import {
  ATTRIBUTES,
  baseOf,
  CHOICES,
  ignoresCase,
  isField,
  isNumeric,
  kindOf,
  mayIgnoreCase,
  operatorsFor,
  opOf,
  takesList,
} from './vocabulary.ts';
import { type ServiceT, useServiceT } from './words.ts';

export function LeafRow({ leaf, change, fields, parties, errors }: NodeProps & { leaf: Leaf }) {
  const t = useServiceT();
  const base = baseOf(leaf.op);
  const isAttribute = leaf.field.startsWith(ATTRIBUTES);
  const offered = isField(leaf.field) && !fields.includes(leaf.field) ? [...fields, leaf.field] : fields;
  const pickField = (field: string): void => change({ ...newLeaf(field), key: leaf.key, not: leaf.not });
  const pickOperator = (chosen: string): void => {
    const next = baseOf(chosen);
    const op = opOf(next, ignoresCase(leaf.op) && mayIgnoreCase(leaf.field, next));
    change({ ...leaf, op, value: valueFor(next, leaf.field, leaf.value) });
  };
  return (
    <div>
      <div className={classes.leaf}>
        <NativeSelect
          aria-label={t('cond.field')}
          data={[
            ...offered.map((value) => ({ value: value as string, label: t(`field.${value}`) })),
            { value: ATTRIBUTES, label: t('field.attributes') },
          ]}
          value={isAttribute ? ATTRIBUTES : leaf.field}
          onChange={(event) => pickField(event.currentTarget.value)}
        />
        {isAttribute ? (
          <TextInput
            aria-label={t('cond.attribute')}
            placeholder={t('cond.attribute')}
            dir="ltr"
            value={leaf.field.slice(ATTRIBUTES.length)}
            onChange={(event) => change({ ...leaf, field: `${ATTRIBUTES}${event.currentTarget.value.trim()}` })}
          />
        ) : null}
        <NativeSelect
          aria-label={t('cond.operator')}
          data={operatorsFor(leaf.field, base).map((value) => ({ value, label: t(`op.${value}`) }))}
          value={base}
          onChange={(event) => pickOperator(event.currentTarget.value)}
        />
        <Value
          leaf={leaf}
          set={(value) => change({ ...leaf, value })}
          parties={parties}
          error={errors.ofNode(leaf.key)}
        />
        <ActionIcon className={classes.fixed} size="lg" onClick={() => change(null)} aria-label={t('cond.remove')}>
          <Icon name="trash" size={16} />
        </ActionIcon>
      </div>
      <Group gap="md" mt={4}>
        {mayIgnoreCase(leaf.field, base) ? (
          <Checkbox
            size="xs"
            label={t('cond.any_case')}
            checked={ignoresCase(leaf.op)}
            onChange={(event) => change({ ...leaf, op: opOf(base, event.currentTarget.checked) })}
          />
        ) : null}
        <Checkbox
          size="xs"
          label={t('cond.not')}
          checked={leaf.not}
          onChange={(event) => change({ ...leaf, not: event.currentTarget.checked })}
        />
      </Group>
    </div>
  );
}

type ValueProps = { leaf: Leaf; set: (value: unknown) => void; parties: Parties; error: string | undefined };
const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map((each) => String(each ?? ''));

function Value({ leaf, set, parties, error }: ValueProps) {
  const t = useServiceT();
  const base = baseOf(leaf.op);
  const known = knownValues(t, leaf.field, parties);
  const given = texts(leaf.value);
  const common = { 'aria-label': t('cond.value'), error };
  if (base === 'between') {
    const type = kindOf(leaf.field) === 'time' ? 'time' : 'text';
    const put = (at: 0 | 1, text: string): void => set(at === 0 ? [text, given[1] ?? ''] : [given[0] ?? '', text]);
    return (
      <Group gap={4} wrap="nowrap">
        <TextInput
          {...common}
          aria-label={t('cond.from')}
          type={type}
          value={given[0] ?? ''}
          onChange={(event) => put(0, event.currentTarget.value)}
        />
        <TextInput
          aria-label={t('cond.to')}
          type={type}
          value={given[1] ?? ''}
          onChange={(event) => put(1, event.currentTarget.value)}
        />
      </Group>
    );
  }
  if (takesList(base)) {
    return known ? (
      <MultiSelect {...common} data={withMissing(known, given)} value={given} onChange={set} />
    ) : (
      <TagsInput {...common} value={given} onChange={set} placeholder={given.length === 0 ? t('cond.list') : ''} />
    );
  }
  const value = given[0] ?? '';
  if (known && (base === 'equals' || base === 'not_equals')) {
    const empty = value === '' ? [{ value: '', label: t('cond.choose') }] : [];
    return (
      <NativeSelect
        {...common}
        data={[...empty, ...withMissing(known, value === '' ? [] : [value])]}
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={kindOf(leaf.field) === 'time' && base !== 'regex' ? 'time' : 'text'}
      dir={base === 'regex' ? 'ltr' : 'auto'}
      inputMode={isNumeric(base) ? 'decimal' : 'text'}
      maxLength={2000}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

type Option = { value: string; label: string };

/** The values a field can have; null: any text. */
function knownValues(t: ServiceT, field: string, parties: Parties): Option[] | null {
  if (kindOf(field) === 'party') {
    const all = { 'asset.id': parties.assets, 'bot.id': parties.bots, 'desk.id': parties.desks }[field] ?? [];
    return all.map(({ id, name }) => ({ value: id, label: name }));
  }
  const choices = isField(field) ? CHOICES[field] : undefined;
  return choices ? choices.map((value) => ({ value, label: wordOf(t, value) })) : null;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const wordOf = (t: ServiceT, value: string): string => {
  const day = WEEKDAYS.find((each) => each === value);
  return day ? t(`day.${day}`) : value;
};

const withMissing = (known: Option[], given: string[]): Option[] => [
  ...known,
  ...given.filter((value) => !known.some((each) => each.value === value)).map((value) => ({ value, label: value })),
];
