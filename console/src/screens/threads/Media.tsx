// Media in a message, shown safely: only what lies on this server is loaded; anything else is a link that says where to.
// Not here: uploading. The one thing to know: a customer may name any address; the console never asks another host for
// anything, so that nobody learns who reads, when, and from where.
import { Anchor, Group, Text } from '@mantine/core';
import { useSession } from '../../api/session.ts';
import type { Message } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import classes from './Message.module.css';
import { useThreadT } from './words.ts';

type Medium = Message['media'][number];

/** The part of an address on this server; null: it is elsewhere. */
function ownPath(url: string, publicUrl: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin, pathname, search } = new URL(url);
  const isOurs = origin === location.origin || (URL.canParse(publicUrl) && origin === new URL(publicUrl).origin);
  return isOurs && pathname.startsWith('/media/') ? pathname + search : null;
}

export function MediaOf({ media }: { media: Medium[] }) {
  const { instance } = useSession();
  return (
    <>
      {media.map((medium, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message's media have no other name than their place
        <OneMedium key={index} medium={medium} path={ownPath(medium.url, instance.public_url)} />
      ))}
    </>
  );
}

function OneMedium({ medium, path }: { medium: Medium; path: string | null }) {
  const t = useThreadT();
  const name = medium.name ?? t('media.file');
  if (path === null) return <Elsewhere medium={medium} name={name} />;
  const kind = medium.type.split('/')[0];
  if (kind === 'image') {
    return (
      <a href={path} target="_blank" rel="noopener noreferrer" className={classes.picture}>
        <img src={path} alt={name} loading="lazy" />
      </a>
    );
  }
  // biome-ignore lint/a11y/useMediaCaption: what a customer recorded has no captions
  if (kind === 'audio') return <audio controls preload="none" src={path} aria-label={name} />;
  // biome-ignore lint/a11y/useMediaCaption: what a customer recorded has no captions
  if (kind === 'video') return <video controls preload="none" src={path} aria-label={name} className={classes.film} />;
  return (
    <Anchor href={path} target="_blank" rel="noopener noreferrer">
      <Icon name="attach" size={14} /> <bdi>{name}</bdi>
    </Anchor>
  );
}

function Elsewhere({ medium, name }: { medium: Medium; name: string }) {
  const t = useThreadT();
  const address = URL.canParse(medium.url) ? new URL(medium.url) : null;
  const mayLead = address !== null && /^https?:$/.test(address.protocol);
  return (
    <Group gap="xs" className={classes.elsewhere}>
      <Icon name="attach" size={14} />
      <span>
        <bdi>{name}</bdi> <span dir="ltr">({medium.type})</span>
      </span>
      {mayLead ? (
        <Anchor href={address.href} target="_blank" rel="noopener noreferrer nofollow" size="sm" underline="always">
          {t('media.open', { host: address.host })}
        </Anchor>
      ) : (
        <Text size="sm" span>
          {t('media.nowhere')}
        </Text>
      )}
    </Group>
  );
}
