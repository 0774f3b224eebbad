// The form of a rule: when, under which conditions, what is done, in which time; beside it what it says and a try-out.
// Not here: each of these. The one thing to know: what was typed stays whatever the server says, and each of its words
// stands at the field that it is about.
import { Alert, Button, Grid, Group, Paper, SimpleGrid, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { errorOf } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Rule, Service } from '../../api/types.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Icon } from '../../icons/index.tsx';
import { ButtonTo } from '../../parts/links.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { tellDone } from '../../parts/tell.tsx';
import { ActionFields } from './ActionFields.tsx';
import { Group as ConditionGroup } from './Conditions.tsx';
import { bodyOf, type RuleBody, type RuleDraft } from './draft.ts';
import classes from './Services.module.css';
import { sentenceOf } from './sentence.ts';
import { TriggerFields } from './TriggerFields.tsx';
import { TryOut } from './TryOut.tsx';
import { type Branch, keyAt } from './tree.ts';
import type { Parties } from './useRules.ts';
import { fieldsFor } from './vocabulary.ts';
import { useServiceT } from './words.ts';

type Props = { service: Service; parties: Parties; first: RuleDraft; rule?: Rule };
export type Errors = { at: (pointer: string) => string | undefined; ofNode: (key: number) => string | undefined };

export function RuleEditor({ service, parties, first, rule }: Props) {
  const t = useServiceT();
  const { tag } = useLocale();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(first);
  const [begun] = useState(rule?.updated_at);
  const change = (part: Partial<RuleDraft>): void => setDraft((now) => ({ ...now, ...part }));
  const [method, path] = rule
    ? (['PATCH', `/services/${service.id}/rules/${rule.id}`] as const)
    : (['POST', `/services/${service.id}/rules`] as const);
  const save = useSend<RuleBody, Rule>(method, path, { touches: ['rules', 'assets', 'audit'] });
  const body = bodyOf(draft);
  const errors = errorsOf(save.error, draft.tree);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(body, {
      onSuccess: (saved) => {
        tellDone(t('rule.saved'));
        void navigate({ to: '/services/$id', params: { id: service.id }, hash: saved.id });
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack>
            {rule && rule.updated_at !== begun ? (
              <Alert color="amber" variant="light" icon={<Icon name="warning" />}>
                {t('rule.changed_meanwhile')}
              </Alert>
            ) : null}
            <Paper p="md">
              <Stack gap="sm">
                <TextInput
                  label={t('name')}
                  required
                  maxLength={100}
                  dir="auto"
                  value={draft.name}
                  error={errors.at('/name')}
                  onChange={(event) => change({ name: event.currentTarget.value })}
                />
                <Switch
                  label={t('rule.enabled')}
                  checked={draft.enabled}
                  onChange={(event) => change({ enabled: event.currentTarget.checked })}
                />
              </Stack>
            </Paper>
            <Section title={t('rule.when')}>
              <TriggerFields draft={draft} change={change} parties={parties} errors={errors} />
            </Section>
            <Section title={t('rule.if')} about={t('rule.if.about')}>
              <ConditionGroup
                branch={draft.tree}
                depth={1}
                change={(tree) => change({ tree: tree as Branch })}
                fields={fieldsFor(draft.event)}
                parties={parties}
                errors={errors}
              />
            </Section>
            <Section title={t('rule.then')}>
              <ActionFields draft={draft} change={change} parties={parties} errors={errors} />
            </Section>
            <Section title={t('rule.span')} about={t('rule.span.about')}>
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                <Moment name="starts" label={t('rule.starts')} error={errors.at('/starts_at')} {...{ draft, change }} />
                <Moment name="ends" label={t('rule.ends')} error={errors.at('/ends_at')} {...{ draft, change }} />
              </SimpleGrid>
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack className={classes.beside}>
            <Section title={t('rule.says')}>
              <div className={classes.said} dir="auto" aria-live="polite">
                {sentenceOf(body, { t, tag, nameOf: (id) => (id === '' ? '…' : parties.nameOf(id)) })}
              </div>
            </Section>
            <TryOut service={service} body={body} {...(rule ? { ruleId: rule.id } : {})} />
            {save.error ? <Refused error={save.error} /> : null}
            <Group justify="flex-end" gap="xs">
              <ButtonTo to="/services/$id" params={{ id: service.id }} variant="default">
                {t('cancel')}
              </ButtonTo>
              <Button type="submit" loading={save.isPending}>
                {t('rule.save')}
              </Button>
            </Group>
          </Stack>
        </Grid.Col>
      </Grid>
    </form>
  );
}

function Section({ title, about, children }: { title: string; about?: string; children: React.ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} mb={about ? 2 : 'xs'}>
        {title}
      </Title>
      {about ? (
        <Text size="sm" c="dimmed" mb="xs">
          {about}
        </Text>
      ) : null}
      {children}
    </Paper>
  );
}

type MomentProps = {
  name: 'starts' | 'ends';
  label: string;
  error: string | undefined;
  draft: RuleDraft;
  change: (part: Partial<RuleDraft>) => void;
};

function Moment({ name, label, error, draft, change }: MomentProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      error={error}
      value={draft[name]}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  );
}

/** Everything that the server said, so that nothing is missed that stands at no field. */
function Refused({ error }: { error: unknown }) {
  const t = useServiceT();
  const { errors } = errorOf(error);
  if (errors.length === 0) return <ErrorState error={error} />;
  return (
    <Alert color="red" variant="light" role="alert" icon={<Icon name="warning" />} title={t('rule.refused')}>
      {errors.map(({ pointer, detail }) => (
        <div key={pointer}>
          <code className="sb-id">{pointer}</code> <bdi>{detail}</bdi>
        </div>
      ))}
    </Alert>
  );
}

function errorsOf(error: unknown, tree: Branch): Errors {
  const errors = error ? errorOf(error).errors : [];
  const nodes = new Map<number, string>();
  for (const { pointer, detail } of errors) {
    if (!pointer.startsWith('/conditions')) continue;
    const key = keyAt(tree, pointer.slice('/conditions'.length));
    if (key !== null) nodes.set(key, detail);
  }
  return {
    at: (pointer) => errors.find((each) => each.pointer === pointer)?.detail,
    ofNode: (key) => nodes.get(key),
  };
}
