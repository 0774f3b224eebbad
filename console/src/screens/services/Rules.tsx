// The rules of a service in their order: each a sentence, dragged by hand or moved by keyboard, switched on and off.
// Not here: one rule's line (RuleLine.tsx), the editor. The one thing to know: a new order is shown at once and taken
// back if the server refuses it, which it does when somebody added a rule meanwhile.
import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useSend } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Page, Rule, Service } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { Empty, Loaded } from '../../parts/States.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import { RuleLine } from './RuleLine.tsx';
import classes from './Services.module.css';
import { useParties, useRules } from './useRules.ts';
import { useServiceT } from './words.ts';

export function Rules({ service }: { service: Service }) {
  const t = useServiceT();
  const mayBuild = useMay(BUILDERS);
  const query = useRules(service.id);
  const add = mayBuild ? (
    <ButtonTo
      to="/services/$id"
      params={{ id: service.id }}
      search={{ rule: 'new' } as never}
      leftSection={<Icon name="plus" size={16} />}
    >
      {t('rule.add')}
    </ButtonTo>
  ) : null;
  const isEmpty = query.data?.length === 0;
  return (
    <section aria-labelledby="rules">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="rules">
          {t('rules')}
        </Title>
        {isEmpty ? null : add}
      </Group>
      <Loaded query={query}>
        {(rules) =>
          rules.length === 0 ? (
            <Empty icon="rules" title={t('rules.empty')} action={add}>
              {t('rules.empty.about')}
            </Empty>
          ) : (
            <Ordered service={service} rules={rules} mayBuild={mayBuild} />
          )
        }
      </Loaded>
    </section>
  );
}

type OrderedProps = { service: Service; rules: Rule[]; mayBuild: boolean };

function Ordered({ service, rules, mayBuild }: OrderedProps) {
  const t = useServiceT();
  const { nameOf } = useParties(service);
  const [wished, setWished] = useState<string[] | null>(null);
  const order = useSend<{ rule_ids: string[] }, Page<Rule>>('PUT', `/services/${service.id}/rules/order`, {
    touches: ['rules', 'audit'],
  });
  const known = rules.map(({ id }) => id);
  const shown = wished ? inOrder(rules, wished) : rules;
  const said = known.join(' ');
  // The wish is forgotten when it has come true.
  useEffect(() => {
    setWished((now) => (now?.join(' ') === said ? null : now));
  }, [said]);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const drop = ({ active, over }: DragEndEvent): void => {
    if (over === null || active.id === over.id) return;
    const ids = shown.map(({ id }) => id);
    const next = arrayMove(ids, ids.indexOf(String(active.id)), ids.indexOf(String(over.id)));
    setWished(next);
    order.mutate(
      { rule_ids: next },
      {
        onError: (error) => {
          setWished(null);
          tellFailed(t('rules.order.failed'), error);
        },
      },
    );
  };
  const words = useAnnouncements(shown);
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {t(mayBuild ? 'rules.about' : 'rules.about.reader')}
      </Text>
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop} accessibility={words}>
        <SortableContext items={shown} strategy={verticalListSortingStrategy} disabled={!mayBuild}>
          <Stack component="ol" gap="xs" className={classes.list} aria-labelledby="rules">
            {shown.map((rule, index) => (
              <RuleLine
                key={rule.id}
                rule={rule}
                place={index + 1}
                shadow={shown.find(({ id }) => id === rule.shadowed_by)}
                nameOf={nameOf}
                mayBuild={mayBuild}
              />
            ))}
          </Stack>
        </SortableContext>
      </DndContext>
    </>
  );
}

function inOrder(rules: Rule[], ids: string[]): Rule[] {
  const place = (rule: Rule): number => (ids.includes(rule.id) ? ids.indexOf(rule.id) : ids.length);
  return [...rules].sort((a, b) => place(a) - place(b));
}

/** What a screen reader says of a move. */
function useAnnouncements(rules: Rule[]) {
  const t = useServiceT();
  const about = (id: string | number) => {
    const index = rules.findIndex((rule) => rule.id === id);
    return { name: rules[index]?.name ?? '', place: index + 1, of: rules.length };
  };
  const at = (id: string | number, over: string | number) => ({ ...about(over), name: about(id).name });
  const announcements: Announcements = {
    onDragStart: ({ active }) => t('move.lifted', about(active.id)),
    onDragOver: ({ active, over }) => (over ? t('move.over', at(active.id, over.id)) : undefined),
    onDragEnd: ({ active, over }) => (over ? t('move.dropped', at(active.id, over.id)) : undefined),
    onDragCancel: ({ active }) => t('move.cancelled', about(active.id)),
  };
  return { announcements, screenReaderInstructions: { draggable: t('move.how') } };
}
