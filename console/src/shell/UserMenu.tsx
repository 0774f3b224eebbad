// Who is signed in; colours and language; the way out.
// Not here: passwords and users (settings). The one thing to know: scheme and language are kept in this browser.
import { ActionIcon, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { useSession, useSignOut } from '../api/session.ts';
import { LOCALES, type Locale, useLocale } from '../i18n/locale.tsx';
import { useT } from '../i18n/words.ts';
import { Icon, type IconName } from '../icons/index.tsx';

const SCHEMES = [
  ['light', 'sun'],
  ['dark', 'moon'],
  ['auto', 'settings'],
] as const satisfies [string, IconName][];

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
        {SCHEMES.map(([name, icon]) => (
          <Choice key={name} icon={icon} chosen={colorScheme === name} choose={() => setColorScheme(name)}>
            {t(`scheme.${name}`)}
          </Choice>
        ))}
        <Menu.Label>{t('menu.language')}</Menu.Label>
        {(Object.keys(LOCALES) as Locale[]).map((name) => (
          <Choice key={name} icon="language" chosen={locale === name} choose={() => setLocale(name)} lang={name}>
            {LOCALES[name].name}
          </Choice>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="signOut" />} onClick={() => void signOut()}>
          {t('sign.out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

type ChoiceProps = { icon: IconName; chosen: boolean; choose: () => void; children: string; lang?: string };

function Choice({ icon, chosen, choose, children, lang }: ChoiceProps) {
  return (
    <Menu.Item
      role="menuitemradio"
      aria-checked={chosen}
      closeMenuOnClick={false}
      leftSection={<Icon name={icon} size={16} />}
      rightSection={chosen ? <Icon name="check" size={16} /> : null}
      onClick={choose}
      lang={lang}
    >
      {children}
    </Menu.Item>
  );
}
