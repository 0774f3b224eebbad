// The top of the window: whose chat it is, and who answers now.
// The one thing to know: it says what the server says, and never guesses who will answer.
import type { Holder, Settings } from '../../../src/channels/webchat/protocol.ts';
import type { Words } from '../words/words.ts';
import { Face } from './Group.tsx';
import { ChatIcon, ClockIcon, CloseIcon } from './icons.tsx';

export function answers(holder: Holder, words: Words): string {
  const { type, name } = holder;
  if (type === 'waiting') return words.say('waiting');
  if (type === 'none') return '';
  if (name !== '') return words.say('talkingTo', { name });
  return words.say(type === 'bot' ? 'talkingToBot' : 'talkingToPerson');
}

type Props = { settings: Settings; holder: Holder; words: Words; titleId: string; close(): void };

export function Header({ settings, holder, words, titleId, close }: Props) {
  const who = answers(holder, words) || settings.subtitle;
  return (
    <header part="header">
      <Badge holder={holder} />
      <div class="titles">
        <h2 id={titleId}>
          <bdi>{settings.title || words.say('chat')}</bdi>
        </h2>
        {who === '' ? null : (
          <p class="holder" key={who}>
            <bdi>{who}</bdi>
          </p>
        )}
      </div>
      <button type="button" class="plain" aria-label={words.say('close')} onClick={close}>
        <CloseIcon />
      </button>
    </header>
  );
}

function Badge({ holder }: { holder: Holder }) {
  if (holder.type === 'bot' || holder.type === 'agent') return <Face type={holder.type} name={holder.name} />;
  return (
    <span class={`face ${holder.type}`} aria-hidden="true">
      {holder.type === 'waiting' ? <ClockIcon /> : <ChatIcon />}
    </span>
  );
}
