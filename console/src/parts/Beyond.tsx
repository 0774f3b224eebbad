// What a message says beyond words and files: a kind that is not known, a place; that it was changed or taken back.
// Not here: the words. The one thing to know: a place is a link that opens in whatever shows places; nothing is fetched.
import { Anchor, Text } from '@mantine/core';
import type { Message } from '../api/types.ts';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';

export function Beyond({ message }: { message: Partial<Pick<Message, 'details' | 'edited' | 'deleted_at'>> }) {
  const t = useT();
  const { details, edited, deleted_at } = message;
  const place = details?.location;
  return (
    <>
      {place ? (
        <Anchor size="sm" href={`geo:${place.latitude},${place.longitude}`} rel="noopener noreferrer">
          {t('message.place')}
        </Anchor>
      ) : null}
      {details?.unknown ? (
        <Text size="xs" c="dimmed">
          <Icon name="question" size={12} /> {t('message.unknown')} <code dir="ltr">{details.unknown}</code>
        </Text>
      ) : null}
      {edited ? (
        <Text size="xs" c="dimmed" title={edited.original}>
          <Icon name="edit" size={12} /> {t('message.edited')} <bdi>{edited.original}</bdi>
        </Text>
      ) : null}
      {deleted_at ? (
        <Text size="sm" c="dimmed" fs="italic">
          {t('message.deleted')}
        </Text>
      ) : null}
    </>
  );
}
