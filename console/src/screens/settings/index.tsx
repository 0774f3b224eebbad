// The settings: oneself, people, the audit, backups, where each setting comes from, and what this is.
// Not here: what stands below each tab. The one thing to know: which tab is open stands in the address; who is no
// administrator has a password to change and nothing else to set.
import { Tabs } from '@mantine/core';
import { ADMINS, useMay } from '../../api/session.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { useUrlState } from '../../parts/useUrlState.ts';
import { About } from './About.tsx';
import { Audit } from './Audit.tsx';
import { Backups } from './Backups.tsx';
import { People } from './People.tsx';
import { Sources } from './Sources.tsx';
import { useSetT } from './words.ts';
import { You } from './You.tsx';

const TABS = ['you', 'people', 'audit', 'backups', 'sources', 'about'] as const;
type Tab = (typeof TABS)[number];
const OPEN: readonly Tab[] = ['you', 'about'];
const SCREENS: Record<Tab, () => React.ReactNode> = {
  you: You,
  people: People,
  audit: Audit,
  backups: Backups,
  sources: Sources,
  about: About,
};

export default function Settings() {
  const t = useSetT();
  const isAdmin = useMay(ADMINS);
  const [{ tab }, set] = useUrlState<{ tab: string }>();
  const tabs = TABS.filter((each) => isAdmin || OPEN.includes(each));
  const here = tabs.find((each) => each === tab) ?? 'you';
  return (
    <>
      <PageHeader title={t('nav.settings')} />
      <Tabs value={here} onChange={(next) => set({ tab: next === 'you' ? '' : (next ?? '') })} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((each) => {
          const Screen = SCREENS[each];
          return (
            <Tabs.Panel key={each} value={each}>
              <Screen />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </>
  );
}
