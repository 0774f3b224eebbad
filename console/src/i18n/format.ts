// The words of a message: names in braces are filled in, plurals chosen by the rules of the language.
// Pure. The one thing to know: the form is a small part of ICU's: `{count, plural, one {# bot} other {# bots}}`.

export type Values = Record<string, string | number>;

const PLURAL = /\{(\w+), plural,((?:\s*=?\w+ \{[^{}]*\})+)\s*\}/g;
const FORM = /(=?\w+) \{([^{}]*)\}/g;
const NAME = /\{(\w+)\}/g;

export function formatMessage(message: string, values: Values, locale: string): string {
  const number = new Intl.NumberFormat(locale);
  return message
    .replace(PLURAL, (_, name: string, body: string) => {
      const count = Number(values[name] ?? 0);
      const forms = new Map([...body.matchAll(FORM)].map((match) => [match[1], match[2] ?? '']));
      const form =
        forms.get(`=${count}`) ?? forms.get(new Intl.PluralRules(locale).select(count)) ?? forms.get('other') ?? '';
      return form.replaceAll('#', number.format(count));
    })
    .replace(NAME, (_, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? number.format(value) : (value ?? '');
    });
}
