// Where each setting of this process comes from: a flag, the environment, a file, or what it is by default.
// Not here: changing one: they are fixed when the process starts. The one thing to know: of secrets only whether they
// are set is shown.
import { Paper, Stack, Text } from '@mantine/core';
import { useGet } from '../../api/query.ts';
import type { Page, Setting } from '../../api/types.ts';
import { CopyId } from '../../parts/CopyId.tsx';
import { Loaded } from '../../parts/States.tsx';
import classes from './Settings.module.css';
import { useSetT } from './words.ts';

export function Sources() {
  const t = useSetT();
  const query = useGet<Page<Setting>>('/settings');
  return (
    <Stack>
      <Text c="dimmed" maw={640}>
        {t('sources.about')}
      </Text>
      <Loaded query={query}>
        {({ data }) => (
          <Paper component="ul" className={classes.list} aria-label={t('tab.sources')}>
            {data.map(({ name, variable, value, source, description }) => (
              <li key={name} className={classes.setting}>
                <div>
                  <CopyId value={variable} what={name} />
                  <Text size="xs" c="dimmed" dir="auto" lang="en">
                    {description}
                  </Text>
                </div>
                <code dir="ltr" className={classes.value}>
                  {value === '' ? t('sources.unset') : value}
                </code>
                <Text size="sm" c={source === 'default' ? 'dimmed' : undefined} fw={source === 'default' ? 400 : 600}>
                  {source === 'default' ? t('sources.default') : <bdi>{source}</bdi>}
                </Text>
              </li>
            ))}
          </Paper>
        )}
      </Loaded>
    </Stack>
  );
}
