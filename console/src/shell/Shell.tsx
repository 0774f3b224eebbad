// The frame around every screen: places at the side, search and the state of the feed above, the screen in the middle.
// Not here: what the screens show. The one thing to know: below 768 px the places lie behind a button, and close when one
// is chosen.
import { ActionIcon, AppShell, Burger, Group, Kbd, ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useSession } from '../api/session.ts';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';
import { LiveProvider, useLive } from '../live/feed.tsx';
import { NavTo } from '../parts/links.tsx';
import { Loading, StaleBanner } from '../parts/States.tsx';
import { Brand } from './Brand.tsx';
import { HelpSheet } from './HelpSheet.tsx';
import { placesOf } from './nav.ts';
import classes from './Shell.module.css';
import { useShortcutListener, useShortcuts } from './shortcuts.tsx';
import { UserMenu } from './UserMenu.tsx';

const Palette = lazy(() => import('./Palette.tsx'));

export function Shell() {
  return (
    <LiveProvider>
      <Frame />
    </LiveProvider>
  );
}

function Frame() {
  const t = useT();
  const [opened, nav] = useDisclosure();
  const [help, helpSheet] = useDisclosure();
  const [palette, setPalette] = useState(0);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = (): void => setPalette((times) => times + 1);

  useShortcutListener();
  useGoTo();
  useShortcuts([
    { keys: 'mod+k', label: t('keys.search'), group: 'everywhere', run: search, whileTyping: true },
    { keys: '/', label: t('keys.search'), group: 'everywhere', run: search },
    { keys: '?', label: t('keys.help'), group: 'everywhere', run: helpSheet.open },
  ]);

  return (
    <AppShell
      layout="alt"
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#main" className="sb-skip">
        {t('skip')}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px={{ base: 'sm', sm: 'lg' }} gap="sm" wrap="nowrap">
          <Burger opened={opened} onClick={nav.toggle} hiddenFrom="sm" size="sm" aria-label={t('nav.open')} />
          <UnstyledButton className={classes.search} onClick={search} aria-keyshortcuts="Control+K">
            <Icon name="search" size={16} />
            <Text span size="sm" truncate>
              {t('search.hint')}
            </Text>
            <Kbd size="xs" visibleFrom="sm" className={classes.kbd}>
              Ctrl K
            </Kbd>
          </UnstyledButton>
          <Lamp />
          <ActionIcon aria-label={t('keys.help')} onClick={helpSheet.open} visibleFrom="sm">
            <Icon name="question" />
          </ActionIcon>
          <UserMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={t('nav.label')} data-opened={opened || undefined}>
        <Group className={classes.brand} justify="space-between">
          <Brand />
          <Burger opened onClick={nav.close} hiddenFrom="sm" size="sm" color="white" aria-label={t('nav.close')} />
        </Group>
        <Places path={path} onGo={nav.close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <div className={classes.banner}>
          <StaleBanner />
        </div>
        <div className={classes.page}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
      <HelpSheet opened={help} onClose={helpSheet.close} />
      {palette > 0 ? (
        <Suspense>
          <Palette asked={palette} />
        </Suspense>
      ) : null}
    </AppShell>
  );
}

function Places({ path, onGo }: { path: string; onGo: () => void }) {
  const t = useT();
  const { user, instance } = useSession();
  const isHere = (to: string): boolean => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
  return (
    <>
      <ScrollArea className={classes.places} type="never">
        {placesOf(user.role).map((group) => (
          <div key={group.name} className={classes.group}>
            <Text className={classes.heading}>{t(group.name)}</Text>
            {group.places.map((place) => (
              <NavTo
                key={place.to}
                to={place.to}
                label={t(place.name)}
                leftSection={<Icon name={place.icon} size={18} />}
                className={classes.place}
                onClick={onGo}
                data-here={isHere(place.to) || undefined}
                aria-current={isHere(place.to) ? 'page' : undefined}
              />
            ))}
          </div>
        ))}
      </ScrollArea>
      <Text className={classes.foot} dir="ltr">
        {instance.dev ? `${t('dev.mode')} · ` : ''}v{instance.version}
      </Text>
    </>
  );
}

/** Whether what is seen is how it is now. */
function Lamp() {
  const t = useT();
  const { state } = useLive();
  const words = t(state === 'live' ? 'live.on' : state === 'broken' ? 'live.off' : 'live.connecting');
  return (
    <span className={classes.lamp} data-state={state} role="img" aria-label={words} title={words}>
      <i />
      <Text span size="xs" visibleFrom="md">
        {words}
      </Text>
    </span>
  );
}

/** `g` and the key of a place. */
function useGoTo(): void {
  const t = useT();
  const navigate = useNavigate();
  const { user } = useSession();
  useShortcuts(
    placesOf(user.role)
      .flatMap((group) => group.places)
      .map((place) => ({
        keys: `g ${place.key}`,
        label: t(place.name),
        group: 'go' as const,
        run: () => void navigate({ to: place.to }),
      })),
  );
}
