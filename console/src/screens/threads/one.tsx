// One conversation: who has the customer's line and had it, what was said, and all that is known of the customer.
// Not here: its parts. The one thing to know: everything of it is told by the live feed; nothing here is asked by the clock.
import { Alert, Grid, Group, Stack } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useGet } from '../../api/query.ts';
import type { Thread } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { CopyId } from '../../parts/CopyId.tsx';
import { LostHeader } from '../../parts/LostHeader.tsx';
import { LinkTo } from '../../parts/links.tsx';
import { NameLink } from '../../parts/Name.tsx';
import { PageHeader } from '../../parts/PageHeader.tsx';
import { RelativeTime } from '../../parts/RelativeTime.tsx';
import { Loaded } from '../../parts/States.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { Acts } from './Acts.tsx';
import { CustomerPanel } from './CustomerPanel.tsx';
import { NoteForm } from './NoteForm.tsx';
import { Ribbon, Who } from './Ribbon.tsx';
import { Transcript } from './Transcript.tsx';
import { useThreadT } from './words.ts';

export default function OneThread() {
  const { id } = useParams({ strict: false });
  const query = useGet<Thread>(`/threads/${id}`);
  return (
    <Loaded query={query} lost={<LostHeader list="threads" />}>
      {(thread) => <Whole key={thread.id} thread={thread} />}
    </Loaded>
  );
}

const kindOf = ({ type, phase }: Thread['holder']) => {
  if (type === 'none') return 'nobody';
  if (type === 'bot') return 'bot';
  return phase === 'accepted' ? 'person' : 'waiting';
};

function Whole({ thread }: { thread: Thread }) {
  const t = useThreadT();
  const customer = thread.name || thread.address;
  const { holder } = thread;
  return (
    <>
      <PageHeader
        title={customer}
        back={<LinkTo to="/threads">{t('nav.threads')}</LinkTo>}
        badge={
          thread.limbo ? (
            <StatusBadge status={thread.limbo} />
          ) : thread.waiting_since ? (
            <StatusBadge status="waiting" />
          ) : null
        }
        about={
          <Group gap="xs">
            <span>
              {t('holder.now')}{' '}
              <b>
                <Who stint={{ kind: kindOf(holder), id: holder.id, agent: holder.agent }} />
              </b>
            </span>
            {thread.waiting_since ? (
              <span>
                {t('waiting.since')} <RelativeTime at={thread.waiting_since} />
              </span>
            ) : null}
            <CopyId value={thread.id} short />
          </Group>
        }
        actions={<Acts thread={thread} />}
      />
      <Limbo thread={thread} />
      <Stack>
        <Ribbon thread={thread} />
        <Grid>
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Stack>
              <Transcript thread={thread} customer={customer} />
              <NoteForm thread={thread} />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <CustomerPanel thread={thread} />
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  );
}

/** Why nobody answers, and what to do. */
function Limbo({ thread }: { thread: Thread }) {
  const t = useThreadT();
  if (thread.limbo === null) return null;
  return (
    <Alert color="red" variant="light" icon={<Icon name="warning" />} mb="md" title={t(`status.${thread.limbo}`)}>
      {t(`limbo.${thread.limbo}`)} {thread.service_id ? <NameLink id={thread.service_id} /> : null}
    </Alert>
  );
}
