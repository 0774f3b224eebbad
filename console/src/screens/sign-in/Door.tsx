// The frame of what is seen before one is inside: the mark, a card, and nothing else.
// Not here: forms. The one thing to know: it has the language's choice, because nobody should have to read their way in.
import { Button, Group, Paper, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { LOCALES, type Locale, useLocale } from '../../i18n/locale.tsx';
import { Brand } from '../../shell/Brand.tsx';
import classes from './Door.module.css';

export function Door({ title, children }: { title: string; children: ReactNode }) {
  const { locale, setLocale } = useLocale();
  useEffect(() => {
    document.title = `${title} · Signalbox`;
  }, [title]);
  return (
    <main className={classes.root}>
      <div className={classes.column}>
        <Brand onPaper />
        <Paper className={classes.card}>
          <Title order={1} mb="md">
            {title}
          </Title>
          {children}
        </Paper>
        <Group gap={4} justify="center">
          {(Object.keys(LOCALES) as Locale[]).map((name) => (
            <Button
              key={name}
              size="compact-xs"
              variant={locale === name ? 'default' : 'subtle'}
              color="gray"
              c="dimmed"
              lang={name}
              aria-pressed={locale === name}
              onClick={() => setLocale(name)}
            >
              {LOCALES[name].name}
            </Button>
          ))}
        </Group>
      </div>
    </main>
  );
}
