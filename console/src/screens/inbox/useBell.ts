// The bell: a sound and a word for screen readers when somebody new waits, or a customer of mine said something.
// Not here: making the sound. The one thing to know: it listens to the feed itself and not to the lists, so that it rings
// while one looks at another tab.
import type { Conversation } from '../../api/types.ts';
import { useEvents } from '../../live/feed.tsx';
import { announce } from '../../parts/Announcer.tsx';
import { beep } from './sound.ts';
import { useInboxT } from './words.ts';

export function useBell(served: readonly string[], mine: Conversation[]): void {
  const t = useInboxT();
  useEvents(({ type, thread_id, data }) => {
    if (type === 'conversation.opened' && served.includes(String(data.party_id))) {
      beep();
      announce(t('bell.waiting'));
      return;
    }
    if (type !== 'message.received' && type !== 'postback.received') return;
    const talk = mine.find((each) => each.thread_id === thread_id);
    if (talk === undefined) return;
    beep();
    announce(t('bell.said', { name: talk.customer.name || talk.customer.address }));
  });
}
