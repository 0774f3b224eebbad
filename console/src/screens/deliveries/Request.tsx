// What a delivery says to its target, as it would be sent now, to read and to copy as a command.
// Not here: how the tries went (Attempts.tsx). The one thing to know: it is made now, not what was sent then, and says so.
import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { RequestPreview } from '../../api/types.ts';
import { Icon } from '../../icons/index.tsx';
import { announce } from '../../parts/Announcer.tsx';
import { JsonView } from '../../parts/JsonView.tsx';
import { curlOf } from './curl.ts';
import { useDeliveryT } from './words.ts';

export function Request({ request }: { request: RequestPreview | null }) {
  const t = useDeliveryT();
  if (request === null) return <Text c="dimmed">{t('request.none')}</Text>;
  const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {t('request.about')} {request.cut ? t('request.cut') : ''}
      </Text>
      <JsonView label={t('request.head')} value={[`${request.method} ${request.url}`, ...head].join('\n')} />
      <Text size="sm" fw={600} mt="xs">
        {t('request.body')}
      </Text>
      <JsonView label={t('request.body')} value={request.body} />
      <CopyCurl request={request} />
    </>
  );
}

/** Where the browser gives no clipboard, the command is shown to be copied by hand. */
function CopyCurl({ request }: { request: RequestPreview }) {
  const t = useDeliveryT();
  const [shown, setShown] = useState(false);
  const [copied, setCopied] = useState(false);
  const command = curlOf(request);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command);
      setCopied(true);
      announce(t('copied'));
    } catch {
      setShown(true);
    }
  };
  return (
    <>
      <Group mt="xs" gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
          onClick={() => void copy()}
        >
          {copied ? t('copied') : t('request.curl')}
        </Button>
        <Button size="xs" variant="subtle" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {t('request.show')}
        </Button>
      </Group>
      {shown ? (
        <>
          <Text size="sm" c="dimmed" my="xs">
            {t('request.placeholders')}
          </Text>
          <JsonView label={t('request.curl')} value={command} />
        </>
      ) : null}
    </>
  );
}
