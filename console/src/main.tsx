// The console begins: theme, language, server state, routes.
// Not here: what is shown. The one thing to know: the style nonce comes from the page that the server sent, so that
// the strict content security policy lets Mantine's variables in and nothing else.
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './styles.css';
import { DirectionProvider, MantineProvider, mergeThemeOverrides } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, StrictMode, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { LocaleProvider } from './i18n/locale.tsx';
import { useT } from './i18n/words.ts';
import { Announcer } from './parts/Announcer.tsx';
import { router } from './router.tsx';
import { schemeManager, theme } from './theme.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// What keeps the page from scrolling behind a window makes a style element too, and looks for its nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce });

/** The theme, with the words that its components say by themselves. */
function Themed({ children }: { children: ReactNode }) {
  const t = useT();
  const spoken = useMemo(
    () => mergeThemeOverrides(theme, { components: { CloseButton: { defaultProps: { 'aria-label': t('close') } } } }),
    [t],
  );
  return (
    <MantineProvider
      theme={spoken}
      defaultColorScheme="auto"
      colorSchemeManager={schemeManager}
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <DirectionProvider>
      <LocaleProvider>
        <Themed>
          <QueryClientProvider client={queryClient}>
            <Notifications position="bottom-right" limit={4} />
            <Announcer />
            <RouterProvider router={router} />
          </QueryClientProvider>
        </Themed>
      </LocaleProvider>
    </DirectionProvider>
  </StrictMode>,
);
