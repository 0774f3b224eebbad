// What happened between messages: the line changed hands, rules were raised, somebody left a note.
// Not here: messages. The one thing to know: an event that this console does not know is named as the server names it,
// and can be opened as JSON like any other.
import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
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
  return event.type === 'note.added' ? <NoteLine event={event} /> : <Mark event={event} />;
}

function Mark({ event }: { event: Event }) {
  const t = useThreadT();
  const [open, setOpen] = useState(false);
  return (
    <li id={event.id} className={classes.entry}>
      <div className={classes.mark}>
        <RelativeTime at={event.at} exact />
        <Words event={event} />
        <UnstyledButton className={classes.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'message.less' : 'mark.more')}
        </UnstyledButton>
      </div>
      {open ? <Details event={event} /> : null}
    </li>
  );
}

/** Which rules were looked at for an event, and the event as it is. */
function Details({ event }: { event: Event }) {
  const d = useDeliveryT();
  const { data } = event;
  const looked = Array.isArray(data.looked) ? (data.looked as Looked[]) : null;
  const decision = decisionOf(event) ?? (looked && { looked, winner: text(data.winner) || null, why: text(data.why) });
  return (
    <div className={classes.details}>
      {decision ? <Why decision={decision} /> : null}
      <JsonView value={event} label={d('raw')} maxHeight={240} />
    </div>
  );
}

function Words({ event }: { event: Event }) {
  const { type, data } = event;
  if (type === 'holder.changed') return <HandedOver event={event} />;
  if (type === 'conversation.updated') return <Progress event={event} />;
  if (type === 'conversation.closed') return <Closed event={event} />;
  if (type === 'message.refused') return <Refused event={event} />;
  if (type === 'message.remarked') return <Remark event={event} />;
  if (type === 'customer.sign') return <bdi>{text(data.text) || text(data.name)}</bdi>;
  if (type === 'rule.raised') return <RulesAsked name={text(data.event)} />;
  return <code dir="ltr">{type}</code>;
}

function HandedOver({ event: { data } }: { event: Event }) {
  const t = useThreadT();
  const to = data.to as { type: 'bot' | 'desk' | 'none'; id: string | null };
  const kind = to.type === 'none' ? 'nobody' : to.type === 'desk' ? 'waiting' : 'bot';
  const [actor, reason] = [text(data.actor), text(data.reason)];
  // A rule as a reason and a rule as the actor are the same rule.
  const isSaid = actor.startsWith('rule ') && reason.startsWith('rule ');
  return (
    <span>
      {t(kind === 'waiting' ? 'mark.offered' : 'mark.holder')}{' '}
      <b>
        <Who stint={{ kind: kind === 'waiting' ? 'bot' : kind, id: to.id, agent: null }} />
      </b>
      {reason === '' || isSaid ? null : (
        <>
          {' · '}
          <WithNames text={reason} />
        </>
      )}
      {' · '}
      <Actor actor={actor} />
      {' · '}
      {t('epoch', { epoch: Number(data.epoch ?? 0) })}
    </span>
  );
}

function Progress({ event: { data } }: { event: Event }) {
  const t = useThreadT();
  const agent = text(data.agent);
  return (
    <span>
      {t(data.status === 'accepted' ? 'mark.accepted' : 'mark.queued')}{' '}
      <b>{agent === '' ? <Name id={text(data.party_id)} /> : <bdi>{agent}</bdi>}</b>
    </span>
  );
}

function Closed({ event: { data } }: { event: Event }) {
  const t = useThreadT();
  const reason = text(data.reason);
  return (
    <span>
      {t('mark.closed')} <Name id={text(data.party_id)} />
      {reason === '' ? null : (
        <>
          {' · '}
          <WithNames text={reason} />
        </>
      )}
    </span>
  );
}

function Refused({ event: { data } }: { event: Event }) {
  const t = useThreadT();
  return (
    <span>
      <Icon name="warning" size={13} /> {t('mark.refused')}{' '}
      <WithNames text={text(data.detail) || text(data.code) || text(data.reason)} />
    </span>
  );
}

/** What a customer did to a word that was said: the word itself stands where it was. */
function Remark({ event: { data } }: { event: Event }) {
  const t = useThreadT();
  const isBack = data.kind === 'reaction' && text(data.emoji) === '';
  return (
    <span>
      {data.kind === 'reaction' ? t(isBack ? 'mark.reaction.back' : 'mark.reaction') : null}
      {data.kind === 'edit' ? t('mark.edit') : null}
      {data.kind === 'delete' ? t('mark.delete') : null} <bdi>{text(data.emoji)}</bdi>
    </span>
  );
}

function RulesAsked({ name }: { name: string }) {
  const t = useThreadT();
  return (
    <span>
      {t('mark.raised')} <code dir="ltr">{name}</code>
    </span>
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
