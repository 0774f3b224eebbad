// Who is signed in; colours and language; the way out.
// Not here: passwords and users (settings). The one thing to know: scheme and language are kept in this browser.
import { ActionIcon, type MantineColorScheme, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { useSession, useSignOut } from '../api/session.ts';
import { LOCALES, type Locale, useLocale } from '../i18n/locale.tsx';
import { useT } from '../i18n/words.ts';
import { Icon } from '../icons/index.tsx';

const SCHEMES = ['light', 'dark', 'auto'] as const;

export function UserMenu() {
  const t = useT();
  const { user } = useSession();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { locale, setLocale } = useLocale();
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size={34} radius="xl" aria-label={t('menu.you', { name: user.name })}>
          <Icon name="user" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Text px="sm" pt={6} fw={600} truncate dir="auto">
          {user.name}
        </Text>
        <Text px="sm" pb={6} size="xs" c="dimmed" truncate>
          {user.email ?? ''} {t(`role.${user.role}`)}
        </Text>
        <Menu.Divider />
        <Menu.Label>{t('menu.scheme')}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(name) => setColorScheme(name as MantineColorScheme)}>
          {SCHEMES.map((name) => (
            <Menu.RadioItem key={name} value={name}>
              {t(`scheme.${name}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Label>{t('menu.language')}</Menu.Label>
        <Menu.RadioGroup value={locale} onChange={(name) => setLocale(name as Locale)}>
          {(Object.keys(LOCALES) as Locale[]).map((name) => (
            <Menu.RadioItem key={name} value={name} lang={name}>
              {LOCALES[name].name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="signOut" />} onClick={() => void signOut()}>
          {t('sign.out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
