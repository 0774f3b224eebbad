// What a channel can and cannot do, as the server describes it.
// The one thing to know: nothing is made up for a channel; where it has no "delivered", nobody is ever told one.
import { Paper, Table, Text, Title } from '@mantine/core';
import type { Channel } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { type AssetT, useAssetT } from './words.ts';

const RECEIPTS = ['accepted', 'delivered', 'read', 'failed'] as const;

export function Abilities({ capabilities }: { capabilities: NonNullable<Channel['capabilities']> }) {
  const t = useAssetT();
  const { receipts, window_hours, text, quick_replies, typing, seen, echoes } = capabilities;
  const lines: [string, string | boolean][] = [
    ...RECEIPTS.map((name): [string, boolean] => [t(`assets.can.${name}`), receipts[name]]),
    [t('assets.can.typing'), typing],
    [t('assets.can.seen'), seen],
    [t('assets.can.echoes'), echoes],
    [t('assets.can.quick_replies'), quick_replies ? t('assets.can.at_most', { count: quick_replies.max }) : false],
    [t('assets.can.text'), t(`assets.can.text.${text.unit}`, { count: text.max })],
    [t('assets.can.window'), windowWords(t, window_hours)],
  ];
  return (
    <Paper p="md" component="section" aria-labelledby="can">
      <Title order={2} id="can" mb="sm">
        {t('assets.can')}
      </Title>
      <Table withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {lines.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th fw={400} scope="row" ta="start">
                {name}
              </Table.Th>
              <Table.Td ta="end">
                {typeof value === 'string' ? (
                  <Text size="sm">{value}</Text>
                ) : (
                  <Icon
                    name={value ? 'check' : 'cross'}
                    size={16}
                    aria-hidden={false}
                    role="img"
                    aria-label={value ? t('assets.can.yes') : t('assets.can.no')}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

type Window = NonNullable<Channel['capabilities']>['window_hours'];

function windowWords(t: AssetT, of: Window): string {
  if (of === null) return t('assets.can.always');
  const { anybody, humans } = of;
  return anybody === humans ? t('assets.can.hours', { anybody }) : t('assets.can.hours.humans', { anybody, humans });
}
