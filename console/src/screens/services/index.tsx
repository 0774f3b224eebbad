// Placeholder of the screen "Services".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Services() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.services')} />
      <Empty icon="services" title={t('nav.services')} />
    </>
  );
}
