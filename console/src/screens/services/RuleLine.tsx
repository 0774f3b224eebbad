// One rule in the list: its place, name and sentence, what is wrong with it, its switch, and the ways to change it.
// Not here: the order (Rules.tsx). The one thing to know: the handle alone drags, so that the text can be selected.
import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { ActionIcon, Group, Switch, Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Rule } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { tellDone, tellFailed } from '../../parts/tell.tsx';
import classes from './Services.module.css';
import { sentenceOf } from './sentence.ts';
import { useServiceT } from './words.ts';

type Props = {
  rule: Rule;
  place: number;
  shadow: Rule | undefined;
  nameOf: (id: string) => string;
  mayBuild: boolean;
};

export function RuleLine({ rule, place, shadow, nameOf, mayBuild }: Props) {
  const t = useServiceT();
  const { tag } = useLocale();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id: rule.id,
  });
  const editing = { to: '/services/$id', params: { id: rule.service_id }, search: { rule: rule.id } as never } as const;
  return (
    <li
      ref={setNodeRef}
      id={rule.id}
      className={classes.rule}
      data-off={!rule.enabled || undefined}
      data-dragging={isDragging || undefined}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      <Group gap={2} wrap="nowrap">
        {mayBuild ? (
          <ActionIcon
            {...attributes}
            {...listeners}
            ref={setActivatorNodeRef}
            size="sm"
            className={classes.handle}
            aria-label={t('move.what', { name: rule.name })}
          >
            <Icon name="grip" size={16} />
          </ActionIcon>
        ) : null}
        <span className={`${classes.place} sb-number`}>{place}</span>
      </Group>
      <div className={classes.text}>
        {mayBuild ? (
          <LinkTo {...editing} fw={600} dir="auto">
            {rule.name}
          </LinkTo>
        ) : (
          <Text fw={600} dir="auto">
            {rule.name}
          </Text>
        )}
        <Text size="sm" dir="auto">
          {sentenceOf(rule, { t, tag, nameOf })}
        </Text>
      </div>
      {mayBuild ? <Buttons rule={rule} /> : <span>{rule.enabled ? null : t('rule.off')}</span>}
      {rule.shadowed_by ? (
        <div className={classes.warning}>
          <Icon name="warning" size={15} />
          <span>
            {t('rule.shadowed.before')}{' '}
            <a href={`#${rule.shadowed_by}`} dir="auto">
              {shadow?.name ?? rule.shadowed_by}
            </a>{' '}
            {t('rule.shadowed.after')}
          </span>
        </div>
      ) : null}
    </li>
  );
}

function Buttons({ rule }: { rule: Rule }) {
  const t = useServiceT();
  const turn = useSend<{ enabled: boolean }, Rule>('PATCH', `/rules/${rule.id}`, { touches: ['services', 'audit'] });
  const remove = (): void =>
    askFirst({
      title: t('rule.delete'),
      body: (
        <>
          <bdi>{rule.name}</bdi>: {t('rule.delete.about')}
        </>
      ),
      label: t('rule.delete'),
      act: async () => {
        await api('DELETE', `/rules/${rule.id}`);
        touchTopics(['services', 'rules', 'audit']);
        tellDone(t('rule.deleted'));
      },
    });
  return (
    <div className={classes.buttons}>
      <Switch
        size="sm"
        aria-label={t('rule.enabled.what', { name: rule.name })}
        checked={turn.isPending ? turn.variables.enabled : rule.enabled}
        onChange={(event) =>
          turn.mutate(
            { enabled: event.currentTarget.checked },
            { onError: (error) => tellFailed(t('rule.failed'), error) },
          )
        }
      />
      <ActionIcon size="sm" onClick={remove} aria-label={t('rule.delete.what', { name: rule.name })}>
        <Icon name="trash" size={16} />
      </ActionIcon>
    </div>
  );
}
