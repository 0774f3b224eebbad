// One message of a transcript: who said what, how it got to each of those it was for, and on demand why and in detail.
// Not here: the transcript around it. The one thing to know: its address is the hash with its id; opening its details
// puts it there, so that what one sees can be linked.
import { Text, UnstyledButton } from '@mantine/core';
import type { Message } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { Beyond } from '../../parts/Beyond.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { Folded } from '../../parts/Folded.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { useDeliveryT } from '../deliveries/words.ts';
import { MediaOf } from './Media.tsx';
import classes from './Message.module.css';
import { SentList, Ticks } from './Sent.tsx';
import type { Entry } from './transcript.ts';
import { Why } from './Why.tsx';
import { type ThreadT, useThreadT } from './words.ts';

type MessageEntry = Extract<Entry, { type: 'message' }>;
type Props = { entry: MessageEntry; customer: string; open: boolean; toggle: () => void };

export function MessageLine({ entry, customer, open, toggle }: Props) {
  const t = useThreadT();
  const { message } = entry;
  const { author } = message;
  const name = author.type === 'customer' ? customer : author.name || t(`author.${author.type}`);
  return (
    <li
      id={message.id}
      className={classes.entry}
      data-side={author.type === 'customer' ? 'them' : 'us'}
      data-author={author.type}
      data-here={open || undefined}
    >
      <article className={classes.bubble} aria-label={t('message.by', { name })}>
        <div className={classes.head}>
          <bdi className={classes.author}>{name}</bdi>
          <span>{t(`author.${author.type}`)}</span>
          <RelativeTime at={message.at} exact />
        </div>
        <Content message={message} t={t} />
      </article>
      <div className={classes.ticks}>
        <Ticks entry={entry} />
        <UnstyledButton className={classes.more} aria-expanded={open} onClick={toggle}>
          {open ? t('message.less') : message.author.type === 'customer' ? t('message.why') : t('message.more')}
        </UnstyledButton>
      </div>
      {open ? <Details entry={entry} /> : null}
    </li>
  );
}

function Content({ message, t }: { message: Message; t: ThreadT }) {
  const words = message.text || (message.kind === 'postback' ? message.title || message.payload : '');
  return (
    <>
      {message.kind === 'postback' ? (
        <Text size="xs" c="dimmed">
          <Icon name="bolt" size={12} /> {t('message.postback')} <bdi dir="ltr">{message.payload}</bdi>
        </Text>
      ) : null}
      {words ? (
        <p className={classes.text} dir="auto">
          {words}
        </p>
      ) : null}
      <Beyond message={message} />
      <MediaOf media={message.media} />
      {message.quick_replies && message.quick_replies.length > 0 ? (
        <div className={classes.replies}>
          {message.quick_replies.map((reply, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bot may offer the same words twice
            <bdi key={index} className={classes.reply} title={reply.payload}>
              {reply.title}
            </bdi>
          ))}
        </div>
      ) : null}
    </>
  );
}

function Details({ entry }: { entry: MessageEntry }) {
  const t = useThreadT();
  const d = useDeliveryT();
  const { message, decision, sent, receipts } = entry;
  return (
    <div className={classes.details}>
      <CopyId value={message.id} what={t('type.message')} />
      {decision ? <Why decision={decision} /> : null}
      <section aria-label={t('nav.deliveries')}>
        <Text fw={600} size="sm">
          {t('nav.deliveries')}
        </Text>
        {sent.length + receipts.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('message.unsent')}
          </Text>
        ) : (
          <SentList sent={[...sent, ...receipts]} />
        )}
      </section>
      <Folded label={d('raw')}>{() => <JsonView value={message} label={d('raw')} />}</Folded>
    </div>
  );
}
