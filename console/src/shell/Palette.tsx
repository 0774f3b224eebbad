// Ctrl+K: go anywhere, find anything; takes any id, an address, a name, words that were said.
// Not here: the search (GET /search). The one thing to know: places are found here and at once, everything else by the
// server; an id that it knows is the first result.
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../api/client.ts';
import { useSession } from '../api/session.ts';
import type { Found, Rule } from '../api/types.ts';
import { useT } from '../i18n/words.ts';
import { Icon, type IconName } from '../icons/index.tsx';
import { placesOf } from './nav.ts';

const SETTLE_MS = 140;
const RESULTS = 12;

const ICONS: Record<Found['type'], IconName> = {
  thread: 'threads',
  conversation: 'threads',
  message: 'threads',
  customer: 'user',
  delivery: 'deliveries',
  replay: 'replay',
  user: 'users',
  key: 'key',
  bot: 'bot',
  desk: 'desk',
  asset: 'assets',
  service: 'services',
  rule: 'rules',
};

/** Where a thing that was found is shown. */
async function whereIs(found: Found): Promise<{ to: string; hash?: string }> {
  switch (found.type) {
    case 'delivery':
      return { to: `/deliveries/${found.id}` };
    case 'bot':
    case 'desk':
      return { to: `/integrations/${found.id}` };
    case 'asset':
      return { to: `/assets/${found.id}` };
    case 'service':
      return { to: `/services/${found.id}` };
    case 'rule':
      return { to: `/services/${(await api<Rule>('GET', `/rules/${found.id}`)).service_id}`, hash: found.id };
    case 'replay':
      return { to: '/replays', hash: found.id };
    case 'user':
      return { to: '/settings', hash: found.id };
    case 'key':
      return { to: '/developers', hash: found.id };
    default:
      return { to: `/threads/${found.thread_id ?? found.id}`, hash: found.id };
  }
}

export default function Palette({ asked }: { asked: number }) {
  const t = useT();
  const navigate = useNavigate();
  const { user } = useSession();
  const [query, setQuery] = useState('');
  const [settled] = useDebouncedValue(query.trim(), SETTLE_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened each time it is asked for
  useEffect(() => spotlight.open(), [asked]);

  const search = useQuery({
    queryKey: ['search', settled],
    queryFn: ({ signal }) =>
      api<{ data: Found[] }>('GET', '/search', { params: { q: settled, limit: RESULTS }, signal }),
    enabled: settled.length > 1,
    staleTime: 5_000,
  });
  const found = settled.length > 1 ? (search.data?.data ?? []) : [];
  const typed = query.trim().toLowerCase();
  const places = placesOf(user.role)
    .flatMap((group) => group.places)
    .filter((place) => t(place.name).toLowerCase().includes(typed));
  const isWorking = search.isFetching || settled !== query.trim();

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
      centered={false}
      yOffset="12vh"
      attributes={{ content: { 'aria-label': t('search') } }}
      overlayProps={{ backgroundOpacity: 0.45, blur: 1 }}
    >
      <Spotlight.Search placeholder={t('search.hint')} leftSection={<Icon name="search" />} aria-label={t('search')} />
      <Spotlight.ActionsList>
        {found.length > 0 ? (
          <Spotlight.ActionsGroup label={t('search.found')}>
            {found.map((each) => (
              <Spotlight.Action
                key={`${each.type} ${each.id}`}
                label={each.title}
                description={[t(`type.${each.type}`), each.detail === each.type ? '' : each.detail]
                  .filter(Boolean)
                  .join(' · ')}
                leftSection={<Icon name={ICONS[each.type] ?? 'search'} />}
                onClick={() => void whereIs(each).then((where) => navigate(where as { to: '/' }))}
              />
            ))}
          </Spotlight.ActionsGroup>
        ) : null}
        {places.length > 0 ? (
          <Spotlight.ActionsGroup label={t('search.places')}>
            {places.map((place) => (
              <Spotlight.Action
                key={place.to}
                label={t(place.name)}
                leftSection={<Icon name={place.icon} />}
                onClick={() => void navigate({ to: place.to })}
              />
            ))}
          </Spotlight.ActionsGroup>
        ) : null}
        {found.length === 0 && places.length === 0 ? (
          <Spotlight.Empty>{isWorking ? t('search.working') : t('search.nothing')}</Spotlight.Empty>
        ) : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
