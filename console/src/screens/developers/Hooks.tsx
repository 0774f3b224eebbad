// Where each hook URL and secret is: with the asset, bot or desk that it belongs to.
// The one thing to know: secrets are shown when they are made; afterwards they can only be replaced, there.
import { Group, Paper, Text, Title } from '@mantine/core';
import { LinkTo } from '../../parts/links.tsx';
import { type NamedKind, NameLink, useNamed } from '../../parts/Name.tsx';
import classes from './Developers.module.css';
import { useDevT } from './words.ts';

/** Of each kind; the rest is on its own screen. */
const SHOWN = 8;
const KINDS = [
  { kind: 'assets', to: '/assets', type: 'type.asset' },
  { kind: 'bots', to: '/integrations', type: 'type.bot' },
  { kind: 'desks', to: '/integrations', type: 'type.desk' },
] as const satisfies { kind: NamedKind; to: string; type: string }[];

export function Hooks() {
  const t = useDevT();
  return (
    <Paper p="md" component="section" aria-labelledby="hooks">
      <Title order={2} id="hooks" mb={4}>
        {t('hooks')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('hooks.about')}
      </Text>
      {KINDS.map((each) => (
        <OfKind key={each.kind} {...each} />
      ))}
    </Paper>
  );
}

function OfKind({ kind, to, type }: (typeof KINDS)[number]) {
  const t = useDevT();
  const things = useNamed(kind);
  return (
    <ul className={classes.list} aria-label={t(type)}>
      {things.slice(0, SHOWN).map(({ id }) => (
        <li key={id}>
          <Group justify="space-between" wrap="nowrap">
            <NameLink id={id} />
            <Text size="xs" c="dimmed">
              {t(type)}
            </Text>
          </Group>
        </li>
      ))}
      {things.length > SHOWN ? (
        <li>
          <LinkTo to={to} size="sm">
            {t('hooks.more', { count: things.length - SHOWN })}
          </LinkTo>
        </li>
      ) : null}
    </ul>
  );
}
