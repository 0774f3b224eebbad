// Placeholder of the screen "Replays".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Replays() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.replays')} />
      <Empty icon="replay" title={t('nav.replays')} />
    </>
  );
}
