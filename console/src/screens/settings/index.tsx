// Placeholder of the screen "Settings".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Settings() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.settings')} />
      <Empty icon="settings" title={t('nav.settings')} />
    </>
  );
}
