// What one person said in one go: their name, the bubbles, the time and how far it has come.
// The one thing to know: text is only ever a text node; links are found in it and made elements, never markup.
import type { Words } from '../words/words.ts';
import { AlertIcon, BotIcon, ClockIcon, TickIcon } from './icons.tsx';
import { pieces } from './links.ts';
import { Medium } from './Media.tsx';
import type { Bubble, Group as GroupRow } from './rows.ts';

type Doing = { retry(id: string): void; discard(id: string): void };
type Props = { group: GroupRow; words: Words; stuck: boolean; doing: Doing };

export function Group({ group, words, stuck, doing }: Props) {
  const own = group.type === 'customer';
  const name = own ? words.say('you') : nameOf(group.type, group.name, words);
  return (
    <div class={`group ${own ? 'own' : group.type}`}>
      {group.type === 'bot' || group.type === 'agent' ? <Face type={group.type} name={group.name} /> : null}
      <div class="stack">
        {name === '' ? null : <bdi class={own ? 'hidden' : 'who'}>{name}</bdi>}
        {group.bubbles.map((bubble) => (
          <Said key={bubble.key} bubble={bubble} words={words} doing={doing} />
        ))}
        {group.type === 'system' ? null : <Foot group={group} words={words} stuck={stuck} />}
      </div>
    </div>
  );
}

export function nameOf(type: string, name: string, words: Words): string {
  if (name !== '' || type === 'system') return name;
  return words.say(type === 'bot' ? 'bot' : 'person');
}

export function Face({ type, name }: { type: string; name: string }) {
  const letter = [...name.trim()][0] ?? '';
  return (
    <span class={`face ${type}`} aria-hidden="true">
      {type === 'bot' || letter === '' ? <BotIcon /> : letter.toUpperCase()}
    </span>
  );
}

function Said({ bubble, words, doing }: { bubble: Bubble; words: Words; doing: Doing }) {
  const { key, text, media, state } = bubble;
  return (
    <>
      {media.map((medium, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message's media never change their order
        <div class="bubble medium" key={index}>
          {medium.url === null && state === undefined ? (
            <span class="erased">{words.say('erased')}</span>
          ) : (
            <Medium medium={medium} words={words} />
          )}
        </div>
      ))}
      {text === '' ? null : (
        <p class="bubble" dir="auto">
          <Text text={text} words={words} />
        </p>
      )}
      {state === 'refused' ? (
        <p class="refused">
          <AlertIcon />
          <span>{words.say('refused', { name: bubble.why ?? '' })}</span>
          <button type="button" onClick={() => doing.retry(key)}>
            {words.say('retry')}
          </button>
          <button type="button" onClick={() => doing.discard(key)}>
            {words.say('discard')}
          </button>
        </p>
      ) : null}
    </>
  );
}

function Text({ text, words }: { text: string; words: Words }) {
  return (
    <>
      {pieces(text).map((piece, index) =>
        piece.href === undefined ? (
          piece.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a message's text never changes
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
            <span class="hidden"> ({words.say('newTab')})</span>
          </a>
        ),
      )}
    </>
  );
}

function Foot({ group, words, stuck }: { group: GroupRow; words: Words; stuck: boolean }) {
  const last = group.bubbles.at(-1);
  if (last === undefined) return null;
  const state = group.bubbles.findLast((bubble) => bubble.state !== 'refused')?.state;
  const late = stuck && (state === 'queued' || state === 'uploading');
  return (
    <p class="foot">
      {late ? <span>{words.say('later')}</span> : <Clock at={last.at} words={words} />}
      {state === undefined ? null : <Status state={state} words={words} />}
    </p>
  );
}

function Clock({ at, words }: { at: number; words: Words }) {
  const date = new Date(at);
  const format = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(words.locale, options).format(date);
  return (
    <time dateTime={date.toISOString()} title={format({ dateStyle: 'full', timeStyle: 'medium' })}>
      {format({ hour: 'numeric', minute: '2-digit' })}
    </time>
  );
}

function Status({ state, words }: { state: NonNullable<Bubble['state']>; words: Words }) {
  if (state === 'refused') return null;
  const waits = state === 'queued' || state === 'uploading';
  const word = waits ? 'sending' : state;
  return (
    <span class={`tick ${state}`} role="img" aria-label={words.say(word)} title={words.say(word)}>
      {waits ? <ClockIcon /> : <TickIcon twice={state !== 'sent'} />}
    </span>
  );
}
