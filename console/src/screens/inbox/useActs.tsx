// What an agent does with a conversation as a whole: accept, take over, decline, transfer, give back, close.
// Not here: answering (outbox.ts). The one thing to know: the first claim wins on the server; who came second is told by
// whom, and the lists follow by themselves.
import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { errorOf } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import type { Conversation, Desk } from '../../api/types.ts';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { tellDone, tellFailed } from '../../parts/tell.tsx';
import { CloseForm, TransferForm } from './forms.tsx';
import type { ListName } from './lists.ts';
import { useInboxT } from './words.ts';

type Options = { desks: Desk[]; moved: (to: ListName) => void; close: () => void };

export function useActs(conversation: Conversation, { moved, close }: Options) {
  const t = useInboxT();
  const path = `/conversations/${conversation.id}`;
  const more = { touches: ['threads', 'overview'] };
  const accepting = useSend<{ take_over?: boolean }>('POST', `${path}/accept`, more);
  const passing = useSend<{ to: string; reason: string }>('POST', `${path}/transfer`, more);
  const closing = useSend<{ reason: string }>('POST', `${path}/close`, more);
  const name = conversation.customer.name || conversation.customer.address;

  const accept = (body: { take_over?: boolean } = {}): void =>
    accepting.mutate(body, {
      onSuccess: () => {
        moved('mine');
        focusComposer('reply');
      },
      onError: (error) => {
        const { code, document } = errorOf(error);
        touchTopics(['conversations']);
        if (code !== 'claimed') return tellFailed(t('accept.failed'), error);
        const agent = typeof document.agent === 'string' ? document.agent : t('accept.somebody');
        notifications.show({ color: 'amber', title: t('accept.late'), message: t('accept.late.about', { agent }) });
      },
    });
  const gone = (words: string) => {
    tellDone(words);
    close();
  };
  const window = (title: string, children: (done: () => void) => React.ReactNode): void => {
    const id = modals.open({ title, children: children(() => modals.close(id)) });
  };
  return {
    accept,
    isAccepting: accepting.isPending,
    takeOver: (agent: string): void =>
      askFirst({
        title: t('take.title'),
        body: t('take.about', { agent }),
        label: t('take'),
        danger: false,
        act: async () => {
          await accepting.mutateAsync({ take_over: true });
          moved('mine');
          focusComposer('reply');
        },
      }),
    decline: (): void =>
      askFirst({
        title: t('decline.title', { name }),
        body: <Text>{t('decline.about')}</Text>,
        label: t('decline'),
        danger: false,
        act: async () => {
          await closing.mutateAsync({ reason: 'declined by an agent' });
          gone(t('declined'));
        },
      }),
    giveBack: (): void =>
      passing.mutate(
        { to: 'bot', reason: '' },
        { onSuccess: () => gone(t('given', { name })), onError: (error) => tellFailed(t('given.failed'), error) },
      ),
    isGiving: passing.isPending,
    transfer: (): void =>
      window(t('transfer.title', { name }), (done) => (
        <TransferForm
          conversation={conversation}
          cancel={done}
          pass={async (body) => {
            await passing.mutateAsync(body);
            done();
            gone(t('transferred', { name }));
          }}
        />
      )),
    finish: (): void =>
      window(t('close.title', { name }), (done) => (
        <CloseForm
          cancel={done}
          finish={async (reason) => {
            await closing.mutateAsync({ reason });
            done();
            gone(t('closed', { name }));
          }}
        />
      )),
  };
}
export type Acts = ReturnType<typeof useActs>;

const TRY_MS = 50;
const TRIES = 100;

/** When it is there: after an acceptance it comes with the server's word that the conversation is one's own. */
export function focusComposer(mode: 'reply' | 'note', tries = TRIES): void {
  const field = document.querySelector<HTMLElement>(`[data-composer="${mode}"]`);
  if (field) field.focus();
  else if (tries > 0) setTimeout(() => focusComposer(mode, tries - 1), TRY_MS);
}
