// The audit: who changed what and when, newest first, page by page.
// Not here: who writes it (each change does). The one thing to know: it names what was changed and never the secret
// values.
import { Group, Text } from '@mantine/core';
import { usePages } from '../../api/pages.ts';
import type { AuditEntry } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { NameLink, WithNames } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Empty } from '../../parts/States.tsx';
import { useSetT } from './words.ts';

/** `key_settings` and the like: the id behind the name is for whoever looks closer. */
const nameOf = (actor: string): string => actor.replace(/ \([a-z]+_\w+\)$/, '');
const NAMED = /^(bot|desk|ast|svc|rul)_/;

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
const detailOf = (detail: AuditEntry['detail']): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${shown(value)}`)
    .join(' · ');

export function Audit() {
  const t = useSetT();
  const list = usePages<AuditEntry>('/audit', { alsoOn: ['users', 'keys', 'bots', 'desks', 'assets', 'services'] });
  const columns: Column<AuditEntry>[] = [
    { key: 'at', header: t('audit.when'), width: '6rem', cell: (row) => <RelativeTime at={row.at} /> },
    {
      key: 'actor',
      header: t('audit.who'),
      width: 'minmax(4rem, 1fr)',
      cell: (row) => <bdi title={row.actor}>{nameOf(row.actor)}</bdi>,
    },
    {
      key: 'what',
      header: t('audit.what'),
      width: 'minmax(5rem, 1fr)',
      cell: (row) => (
        <span dir="ltr">
          {row.action} {row.kind}
        </span>
      ),
    },
    {
      key: 'target',
      header: t('audit.target'),
      width: 'minmax(8rem, 1.2fr)',
      from: 620,
      cell: (row) =>
        NAMED.test(row.target) ? (
          <NameLink id={row.target} />
        ) : (
          <Group gap={0} wrap="nowrap">
            <CopyId value={row.target} short />
          </Group>
        ),
    },
    {
      key: 'detail',
      header: t('audit.detail'),
      width: 'minmax(8rem, 2fr)',
      from: 860,
      cell: (row) => (
        <Text size="sm" c="dimmed" span dir="auto" title={detailOf(row.detail)}>
          <WithNames text={detailOf(row.detail)} />
        </Text>
      ),
    },
  ];
  return (
    <DataTable
      list={list}
      columns={columns}
      label={t('tab.audit')}
      empty={<Empty icon="note" title={t('audit.empty')} />}
    />
  );
}
