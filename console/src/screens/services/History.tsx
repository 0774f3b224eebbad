// Who changed this service and its rules lately, from the audit trail.
// Not here: the whole trail (Settings). The one thing to know: the trail is one for the house; what is of this service is
// picked out of its newest page, and that is said.
import { Paper, Stack, Text, Title } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { AuditEntry, Page, Rule, Service } from '../../api/types.ts';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Loaded } from '../../parts/States.tsx';
import classes from './Services.module.css';
import { useRules } from './useRules.ts';
import { type ServiceT, useServiceT } from './words.ts';

const READ = 100;
const SHOWN = 12;

export function History({ service }: { service: Service }) {
  const t = useServiceT();
  const query = useGet<Page<AuditEntry>>('/audit', { params: { limit: READ } });
  const rules = useRules(service.id).data ?? [];
  return (
    <Paper p="md" component="section" aria-labelledby="history">
      <Title order={2} id="history" mb="xs">
        {t('history')}
      </Title>
      <Loaded query={query} rows={3}>
        {(page) => {
          const mine = page.data.filter((entry) => isOf(entry, service, rules)).slice(0, SHOWN);
          return mine.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('history.none', { count: READ })}
            </Text>
          ) : (
            <Stack component="ul" gap={6} className={classes.list}>
              {mine.map((entry) => (
                <Text component="li" size="sm" key={entry.id}>
                  <bdi>{entry.actor.replace(/ \([a-z]+_\w+\)$/, '')}</bdi> · {deedOf(t, entry)}{' '}
                  <bdi>{rules.find(({ id }) => id === entry.target)?.name}</bdi>{' '}
                  <Text span size="xs" c="dimmed">
                    <RelativeTime at={entry.at} />
                  </Text>
                </Text>
              ))}
            </Stack>
          );
        }}
      </Loaded>
    </Paper>
  );
}

const isOf = ({ target, detail }: AuditEntry, service: Service, rules: Rule[]): boolean =>
  target === service.id || detail.service_id === service.id || rules.some(({ id }) => id === target);

const DEEDS = {
  'rule.create': 'deed.rule.create',
  'rule.change': 'deed.rule.change',
  'rule.delete': 'deed.rule.delete',
  'service.create': 'deed.service.create',
  'service.change': 'deed.service.change',
  'service.order': 'deed.service.order',
  'service.map': 'deed.service.map',
  'service.unmap': 'deed.service.unmap',
  'service.add_asset': 'deed.service.add_asset',
  'service.remove_asset': 'deed.service.remove_asset',
} as const;

function deedOf(t: ServiceT, { kind, action, detail }: AuditEntry): string {
  const key = `${kind}.${action}`;
  const deed = key in DEEDS ? t(DEEDS[key as keyof typeof DEEDS]) : `${action} ${kind}`;
  return Array.isArray(detail.fields) ? `${deed} (${detail.fields.join(', ')})` : deed;
}
