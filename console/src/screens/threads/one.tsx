// Placeholder of the screen "Thread".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Thread() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.threads')} />
      <Empty icon="threads" title={t('nav.threads')} />
    </>
  );
}
