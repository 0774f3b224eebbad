// What was said: words, files, and what stood to choose from.
// Not here: who said it and when. The one thing to know: strangers wrote it, so words are nothing but text, pictures are
// shown only from this server, and whatever lies elsewhere is a link that tells nobody where one comes from.
import { Anchor, Group } from '@mantine/core';
import { useSession } from '../api/session.ts';
import type { Message } from '../api/types.ts';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';
import { Beyond } from './Beyond.tsx';
import classes from './MessageBody.module.css';

type Medium = Message['media'][number];
type Reply = { title: string; payload?: string };
type Props = {
  message: Pick<Message, 'text' | 'media' | 'quick_replies' | 'kind' | 'title' | 'payload'> &
    Partial<Pick<Message, 'details' | 'edited' | 'deleted_at'>>;
  /** makes buttons of the quick replies */
  press?: (reply: Reply) => void;
};

export function MessageBody({ message, press }: Props) {
  const t = useT();
  const { text, media, quick_replies: replies, kind, title, payload } = message;
  return (
    <>
      {kind === 'postback' ? (
        <Group gap={6} wrap="nowrap" className={classes.postback} title={payload ?? ''}>
          <Icon name="bolt" size={14} />
          <span dir="auto">{title || payload}</span>
        </Group>
      ) : null}
      {text ? (
        <p className={classes.text} dir="auto">
          {text}
        </p>
      ) : null}
      <Beyond message={message} />
      {media.map((medium) => (
        <MediumView key={medium.url} medium={medium} />
      ))}
      {replies && replies.length > 0 ? (
        <ul className={classes.replies} aria-label={t('message.replies')}>
          {replies.map((reply) => (
            <li key={`${reply.title} ${reply.payload}`} dir="auto">
              {press ? (
                <button type="button" className={classes.reply} onClick={() => press(reply)}>
                  {reply.title}
                </button>
              ) : (
                <span className={classes.reply}>{reply.title}</span>
              )}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** The path of a file that this server keeps; null: it lies elsewhere. */
function ownPath(url: string, publicUrl: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin, pathname, search } = new URL(url);
  const ours = [location.origin, URL.canParse(publicUrl) ? new URL(publicUrl).origin : ''];
  return ours.includes(origin) && pathname.startsWith('/media/') ? pathname + search : null;
}

function MediumView({ medium }: { medium: Medium }) {
  const t = useT();
  const { instance } = useSession();
  const own = ownPath(medium.url, instance.public_url);
  const name = medium.name || t('message.file');
  const kind = medium.type.split('/')[0];
  if (own !== null && kind === 'image') {
    return (
      <a href={own} target="_blank" rel="noopener noreferrer" className={classes.picture}>
        <img src={own} alt={name} loading="lazy" />
      </a>
    );
  }
  // biome-ignore lint/a11y/useMediaCaption: a customer's recording has none
  if (own !== null && kind === 'audio') return <audio src={own} controls preload="none" aria-label={name} />;
  const href = own ?? (/^https?:/i.test(medium.url) ? medium.url : undefined);
  return (
    <Anchor href={href} target="_blank" rel="noopener noreferrer" className={classes.file}>
      <Icon name="attach" size={15} />
      <bdi>{name}</bdi>
      <span className={classes.type} dir="ltr">
        {medium.type}
      </span>
      {own === null ? <Icon name="external" size={13} /> : null}
    </Anchor>
  );
}
