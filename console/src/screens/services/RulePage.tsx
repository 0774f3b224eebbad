// The editor of one rule, new or not: loading it, and then the form.
// Not here: the form (RuleEditor.tsx). The one thing to know: the form begins once, with the rule as it was then; what
// somebody else saves meanwhile is told and not mixed in.
import { useMemo } from 'react';
import { useGet } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Rule, Service } from '../../api/types.ts';
import { LinkTo } from '../../parts/links.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty, Loaded, Loading } from '../../parts/States.tsx';
import { draftOf, emptyDraft } from './draft.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { type Parties, useParties } from './useRules.ts';
import { useServiceT } from './words.ts';

export function RulePage({ service, ruleId }: { service: Service; ruleId: string }) {
  const t = useServiceT();
  const parties = useParties(service);
  const mayBuild = useMay(BUILDERS);
  const isNew = ruleId === 'new';
  const rule = useGet<Rule>(`/services/${service.id}/rules/${ruleId}`, { enabled: !isNew });
  // What is mapped must be known before the first choice is made for the person.
  const known = [...parties.bots, ...parties.desks].length >= service.integrations.length;
  return (
    <>
      <PageHeader
        title={isNew ? t('rule.new') : (rule.data?.name ?? t('rule.edit'))}
        back={
          <LinkTo to="/services/$id" params={{ id: service.id }} dir="auto">
            {service.name}
          </LinkTo>
        }
      />
      {!mayBuild ? (
        <Empty icon="lock" title={t('rule.not_allowed')} />
      ) : !known ? (
        <Loading />
      ) : isNew ? (
        <Begun service={service} parties={parties} />
      ) : (
        <Loaded query={rule}>{(found) => <Begun service={service} parties={parties} rule={found} />}</Loaded>
      )}
    </>
  );
}

function Begun({ service, parties, rule }: { service: Service; parties: Parties; rule?: Rule }) {
  const t = useServiceT();
  const mapped = { bots: parties.bots.map(({ id }) => id), desks: parties.desks.map(({ id }) => id) };
  const holding = t('fallback.holding.default');
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  const first = useMemo(() => (rule ? draftOf(rule, mapped, holding) : emptyDraft(mapped, holding)), []);
  return <RuleEditor service={service} parties={parties} first={first} {...(rule ? { rule } : {})} />;
}
