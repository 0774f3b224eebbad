// The names of providers, which are the same in every language.
// The one thing to know: a channel that this console does not know yet is called by its own name.
const NAMES: Readonly<Record<string, string>> = {
  telegram: 'Telegram',
  messenger: 'Messenger',
  instagram: 'Instagram',
  whatsapp: 'WhatsApp',
  sms: 'SMS',
  line: 'LINE',
};

export const providerName = (channel: string): string => NAMES[channel] ?? channel;
