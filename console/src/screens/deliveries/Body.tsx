// A delivery as a whole, without a frame: what can be done, its tries with the answers, and the request.
// Not here: its page (one.tsx), and the message in a conversation, which opens this too. The one thing to know: it is
// asked for when it is looked at, because answers are long.
import { Group, Stack } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { DeliveryWithAttempts } from '../../api/types.ts';
import { Folded } from '../../parts/Folded.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { Loaded } from '../../parts/States.tsx';
import { Acts } from './Acts.tsx';
import { Attempts } from './Attempts.tsx';
import { Request } from './Request.tsx';
import { useDeliveryT } from './words.ts';

export const useDelivery = (id: string, threadId?: string) =>
  useGet<DeliveryWithAttempts>(`/deliveries/${id}`, threadId === undefined ? {} : { follow: [threadId] });

/** `id`: a delivery of the thread `threadId`. */
export function DeliveryBody({ id, threadId }: { id: string; threadId: string }) {
  const t = useDeliveryT();
  const query = useDelivery(id, threadId);
  return (
    <Loaded query={query} rows={2}>
      {(delivery) => (
        <Stack gap="xs">
          <Group>
            <Acts delivery={delivery} />
          </Group>
          <Attempts attempts={delivery.attempts} delivery={delivery} />
          <Folded label={t('request')}>{() => <Request request={delivery.request} />}</Folded>
          <Folded label={t('raw')}>{() => <JsonView value={delivery} label={t('raw')} />}</Folded>
        </Stack>
      )}
    </Loaded>
  );
}
