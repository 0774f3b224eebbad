// Placeholder of the screen "Developers".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Developers() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.developers')} />
      <Empty icon="code" title={t('nav.developers')} />
    </>
  );
}
