// Placeholder of the screen "Inbox".
// Not here yet: the screen itself, which replaces this file.

import { useT } from '../../i18n/words.ts';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { Empty } from '../../parts/States.tsx';

export default function Inbox() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('nav.inbox')} />
      <Empty icon="inbox" title={t('nav.inbox')} />
    </>
  );
}
