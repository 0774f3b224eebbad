// What happened between messages: the line changed hands, rules were raised, somebody left a note.
// Not here: messages. The one thing to know: an event that this console does not know is named as the server names it,
// and can be opened as JSON like any other.
import type { Event } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { Name, WithNames } from '../../parts/Name.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { useDeliveryT } from '../deliveries/words.ts';
import classes from './Message.module.css';
import { Actor, Who } from './Ribbon.tsx';
import { decisionOf, type Looked } from './transcript.ts';
import { Why } from './Why.tsx';
import { useThreadT } from './words.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function EventLine({ event }: { event: Event }) {
  if (event.type === 'note.added') return <NoteLine event={event} />;
  return (
    <li id={event.id} className={classes.entry}>
      <div className={classes.mark}>
        <RelativeTime at={event.at} exact />
        <Words event={event} />
      </div>
      <Raised event={event} />
    </li>
  );
}

function Words({ event }: { event: Event }) {
  const t = useThreadT();
  const { type, data } = event;
  if (type === 'holder.changed') {
    const to = data.to as { type: 'bot' | 'desk' | 'none'; id: string | null };
    const kind = to.type === 'none' ? 'nobody' : to.type === 'desk' ? 'waiting' : 'bot';
    return (
      <span>
        {t('mark.holder')}{' '}
        <b>
          <Who stint={{ kind, id: to.id, agent: null }} />
        </b>
        {text(data.reason) === '' ? null : (
          <>
            {' · '}
            <WithNames text={text(data.reason)} />
          </>
        )}
        {' · '}
        <Actor actor={text(data.actor)} />
        {' · '}
        {t('epoch', { epoch: Number(data.epoch ?? 0) })}
      </span>
    );
  }
  if (type === 'conversation.updated') {
    const agent = text(data.agent);
    return (
      <span>
        {data.status === 'accepted' ? t('mark.accepted') : t('mark.queued')}{' '}
        {agent === '' ? (
          <Name id={text(data.party_id)} />
        ) : (
          <bdi>
            <b>{agent}</b>
          </bdi>
        )}
      </span>
    );
  }
  if (type === 'conversation.closed') {
    return (
      <span>
        {t('mark.closed')} <Name id={text(data.party_id)} />
        {text(data.reason) === '' ? null : (
          <>
            {' · '}
            <WithNames text={text(data.reason)} />
          </>
        )}
      </span>
    );
  }
  if (type === 'message.refused') {
    return (
      <span>
        <Icon name="warning" size={13} /> {t('mark.refused')}{' '}
        <WithNames text={text(data.detail) || text(data.code) || text(data.reason)} />
      </span>
    );
  }
  if (type === 'rule.raised') {
    return (
      <span>
        {t('mark.raised')} <code dir="ltr">{text(data.event)}</code>
      </span>
    );
  }
  return <code dir="ltr">{type}</code>;
}

/** Which rules were looked at for an event, and the event as it is. */
function Raised({ event }: { event: Event }) {
  const t = useThreadT();
  const d = useDeliveryT();
  const { data } = event;
  const looked = Array.isArray(data.looked) ? (data.looked as Looked[]) : null;
  const decision = decisionOf(event) ?? (looked && { looked, winner: text(data.winner) || null, why: text(data.why) });
  if (event.type === 'conversation.updated') return null;
  return (
    <details className={classes.mark}>
      <summary>{t('mark.more')}</summary>
      <div className={classes.details}>
        {decision ? <Why decision={decision} /> : null}
        <JsonView value={event} label={d('raw')} maxHeight={240} />
      </div>
    </details>
  );
}

function NoteLine({ event }: { event: Event }) {
  const t = useThreadT();
  const author = event.data.author as { name?: string } | undefined;
  return (
    <li id={event.id} className={classes.entry}>
      <article className={classes.note} aria-label={t('note')}>
        <div className={classes.head}>
          <Icon name="note" size={13} />
          <b>{t('note')}</b>
          <bdi>{author?.name ?? ''}</bdi>
          <RelativeTime at={event.at} exact />
        </div>
        <p className={classes.text} dir="auto">
          {text(event.data.text)}
        </p>
      </article>
    </li>
  );
}
