// An address that leads nowhere.
// The one thing to know: it says so and leads home; it never guesses.
import { useT } from '../i18n/words.ts';
import { ButtonTo } from '../parts/links.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Empty } from '../parts/States.tsx';

export function NotFound() {
  const t = useT();
  return (
    <>
      <PageHeader title={t('lost.title')} />
      <Empty icon="question" title={t('lost.about')} action={<ButtonTo to="/">{t('lost.home')}</ButtonTo>} />
    </>
  );
}
