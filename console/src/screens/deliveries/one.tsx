// Placeholder of the screen "Delivery".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Delivery() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.deliveries')} />
      <Empty icon="deliveries" title={t('nav.deliveries')} />
    </>
  );
}
