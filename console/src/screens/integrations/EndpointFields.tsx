// Where an integration is and how it proves itself: BOT Endpoint, Outbound Webhook, or a desk's webhook.
// Not here: trying and saving. The one thing to know: of a token that is set only its mask is known; left empty, it stays.
import { PasswordInput, TextInput } from '@mantine/core';
import { tokenField, wireOf } from './wizard.ts';
import { useIntegrationT } from './words.ts';

type Props = {
  platform: string;
  url: string;
  token: string;
  change: (part: { url?: string; token?: string }) => void;
  /** by the API's names */
  errors: Record<string, string>;
  /** of the token that is set already */
  masked?: string | null;
  readOnly?: boolean;
};

export function EndpointFields({ platform, url, token, change, errors, masked, readOnly = false }: Props) {
  const t = useIntegrationT();
  const field = tokenField(platform);
  const wire = wireOf(platform);
  return (
    <>
      <TextInput
        id="endpoint-url"
        label={t(`endpoint.${wire}.url`)}
        description={t(`endpoint.${wire}.url.about`)}
        type="url"
        dir="ltr"
        required
        readOnly={readOnly}
        placeholder="https://"
        autoComplete="off"
        value={url}
        error={errors.url}
        onChange={(event) => change({ url: event.currentTarget.value })}
      />
      {field === null ? null : (
        <PasswordInput
          label={t(`endpoint.${wire === 'imi' ? 'imi' : 'other'}.token`)}
          description={
            masked
              ? t('endpoint.token.kept', { masked })
              : t(`endpoint.${wire === 'imi' ? 'imi' : 'other'}.token.about`)
          }
          dir="ltr"
          required={!masked}
          readOnly={readOnly}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('endpoint.token.show') }}
          value={token}
          error={errors[field]}
          onChange={(event) => change({ token: event.currentTarget.value })}
        />
      )}
    </>
  );
}
