// What can be done about one delivery: try it now, send it again, or say what became of one that nobody knows of.
// Not here: many at once (screens/replays). The one thing to know: only what may reach somebody twice, or never, asks.
import { Button, Group, Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useSend } from '../../api/query.ts';
import { BUILDERS, useMay } from '../../api/session.ts';
import type { Delivery, Replayed } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { touchTopics } from '../../live/touched.ts';
import { askFirst } from '../../parts/confirm.tsx';
import { NameLink } from '../../parts/Name.tsx';
import { tellDone, tellFailed } from '../../parts/tell.tsx';
import { useDeliveryT } from './words.ts';

type Props = { delivery: Delivery /** the new delivery's id */; onReplayed?: (id: string) => void };
type Outcome = 'sent' | 'resend' | 'drop';

export function Acts({ delivery, onReplayed = () => undefined }: Props) {
  const mayMend = useMay(BUILDERS);
  const { status } = delivery;
  if (status === 'parked') return <Parked delivery={delivery} />;
  if (!mayMend || status === 'pending') return null;
  if (status === 'held') return <Settle delivery={delivery} />;
  if (status === 'retrying') return <RetryNow delivery={delivery} />;
  return <SendAgain delivery={delivery} onReplayed={onReplayed} />;
}

function Parked({ delivery }: { delivery: Delivery }) {
  const t = useDeliveryT();
  return (
    <Text size="sm" c="dimmed">
      {t('parked.about')} <NameLink id={delivery.target.id} />
    </Text>
  );
}

function RetryNow({ delivery }: { delivery: Delivery }) {
  const t = useDeliveryT();
  const retry = useSend('POST', `/deliveries/${delivery.id}/retry`, { touches: ['threads'] });
  const run = (): void =>
    retry.mutate(
      {},
      {
        onSuccess: () => tellDone(t('retry.done')),
        onError: (error) => tellFailed(t('retry.failed'), error),
      },
    );
  return (
    <Button size="xs" leftSection={<Icon name="bolt" size={14} />} loading={retry.isPending} onClick={run}>
      {t('retry.now')}
    </Button>
  );
}

function SendAgain({ delivery, onReplayed }: Required<Props>) {
  const t = useDeliveryT();
  const replay = async (): Promise<void> => {
    const { delivery_id } = await api<Replayed>('POST', `/deliveries/${delivery.id}/replay`);
    touchTopics(['deliveries', 'threads']);
    tellDone(t('replay.done'));
    if (delivery_id !== null) onReplayed(delivery_id);
  };
  const run = (): void => {
    if (delivery.status !== 'delivered') {
      replay().catch((error) => tellFailed(t('replay.failed'), error));
      return;
    }
    askFirst({
      title: t('replay.one'),
      body: t('replay.twice'),
      label: t('replay.one'),
      danger: false,
      act: replay,
    });
  };
  return (
    <Button
      size="xs"
      variant={delivery.status === 'dead' ? 'filled' : 'default'}
      leftSection={<Icon name="replay" size={14} />}
      onClick={run}
    >
      {t('replay.one')}
    </Button>
  );
}

function Settle({ delivery }: { delivery: Delivery }) {
  const t = useDeliveryT();
  const settle = (outcome: Outcome) => async (): Promise<void> => {
    await api('POST', `/deliveries/${delivery.id}/resolution`, { body: { outcome } });
    touchTopics(['deliveries', 'threads', 'overview']);
    tellDone(t(`settle.${outcome}.done`));
  };
  const ask = (outcome: Outcome): void =>
    askFirst({
      title: t(`settle.${outcome}`),
      body: t(`settle.${outcome}.about`),
      label: t(`settle.${outcome}`),
      danger: outcome === 'drop',
      act: settle(outcome),
    });
  return (
    <div>
      <Text size="sm" mb="xs">
        {t('settle.about')}
      </Text>
      <Group gap="xs">
        {(['sent', 'resend', 'drop'] as const).map((outcome) => (
          <Button
            key={outcome}
            size="xs"
            variant={outcome === 'sent' ? 'filled' : 'default'}
            onClick={() => ask(outcome)}
          >
            {t(`settle.${outcome}`)}
          </Button>
        ))}
      </Group>
    </div>
  );
}
