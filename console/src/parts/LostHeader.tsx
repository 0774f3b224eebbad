// The head of a page whose thing could not be read: which list it would stand in, and the way back there.
// Not here: why it could not be read (States.tsx). The one thing to know: it gives such a page its h1.
import { useT } from '../i18n/words.ts';
import { LinkTo } from './links.tsx';
import { PageHeader } from './PageHeader.tsx';

export function LostHeader({ list }: { list: 'assets' | 'deliveries' | 'integrations' | 'services' | 'threads' }) {
  const t = useT();
  const name = t(`nav.${list}`);
  return <PageHeader title={name} back={<LinkTo to={`/${list}`}>{name}</LinkTo>} />;
}
