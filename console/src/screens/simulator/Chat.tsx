// The customer's side: what they see, what they may press, and where they write.
// Not here: what happens behind it (Trace.tsx). The one thing to know: a pressed quick reply is a postback when the bot
// gave it a payload, and words otherwise, as in every channel.
import { Button, Group, Paper, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useLayoutEffect, useRef, useState } from 'react';
import type { Message, SimulatedEvent, TimelineItem } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { MessageBody } from '../../parts/MessageBody.tsx';
import { tellFailed } from '../../parts/tell.tsx';
import { type Customer, simulate, words } from './customer.ts';
import classes from './Simulator.module.css';
import { useSimT } from './words.ts';

type Props = { customer: Customer; items: TimelineItem[]; met: (thread: string) => void };

export function Chat({ customer, items, met }: Props) {
  const t = useSimT();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const messages = items.flatMap(({ message }) => (message ? [message] : []));
  const last = messages.at(-1);
  const view = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when something was said
  useLayoutEffect(() => {
    if (view.current) view.current.scrollTop = view.current.scrollHeight;
  }, [last?.id]);

  const does = async (event: SimulatedEvent): Promise<boolean> => {
    setBusy(true);
    try {
      const { thread_id } = await simulate(customer, event);
      if (thread_id !== null) met(thread_id);
      return true;
    } catch (error) {
      tellFailed(t('sim.failed'), error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const said = text.trim();
    if (said !== '' && !busy && (await does(words(said)))) setText('');
  };
  return (
    <Paper component="section" aria-labelledby="customer-side" className={classes.phone}>
      <Title order={2} id="customer-side" p="sm" pb={0}>
        {t('sim.chat')}
      </Title>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <div ref={view} className={classes.talk} role="log" aria-labelledby="customer-side" tabIndex={0}>
        {messages.length === 0 ? (
          <Text c="dimmed" size="sm" ta="center" py="lg">
            {t('sim.chat.empty')}
          </Text>
        ) : null}
        {messages.map((message) => (
          <Said
            key={message.id}
            message={message}
            isLast={message === last}
            press={({ title, payload }) =>
              void does(payload ? { type: 'postback', payload, title } : { type: 'message', message: { text: title } })
            }
          />
        ))}
      </div>
      <form onSubmit={(event) => void send(event)}>
        <Group gap="xs" p="sm" wrap="nowrap">
          <TextInput
            flex={1}
            aria-label={t('sim.say')}
            placeholder={t('sim.say')}
            value={text}
            dir="auto"
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button
            type="submit"
            loading={busy}
            disabled={text.trim() === ''}
            leftSection={<Icon name="send" size={15} />}
          >
            {t('sim.send')}
          </Button>
        </Group>
      </form>
    </Paper>
  );
}

type SaidProps = {
  message: Message;
  isLast: boolean;
  press: (reply: { title: string; payload?: string }) => void;
};

function Said({ message, isLast, press }: SaidProps) {
  const { author } = message;
  return (
    <div className={classes.said} data-by={author.type}>
      {author.type === 'customer' ? null : (
        <Text size="xs" c="dimmed">
          <bdi>{author.name}</bdi>
        </Text>
      )}
      <div className={classes.bubble}>
        <MessageBody message={message} {...(isLast ? { press } : {})} />
      </div>
    </div>
  );
}
