// Placeholder of the screen "AddIntegration".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function AddIntegration() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.integrations')} />
      <Empty icon="plug" title={t('nav.integrations')} />
    </>
  );
}
