// Placeholder of the screen "Home".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Home() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.home')} />
      <Empty icon="home" title={t('nav.home')} />
    </>
  );
}
