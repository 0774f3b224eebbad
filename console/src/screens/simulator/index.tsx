// Placeholder of the screen "Simulator".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Simulator() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.simulator')} />
      <Empty icon="simulator" title={t('nav.simulator')} />
    </>
  );
}
