// A request as a curl command that a person can paste into a shell.
// Pure. The one thing to know: what is secret is a placeholder in capitals, never the secret; and whatever a customer
// wrote stays one quoted word of the shell.
import type { RequestPreview } from '../../api/types.ts';

const MASKED = '[masked]';

/** One word for a POSIX shell, whatever is in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const placeholder = (name: string): string => `<${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}>`;

export function curlOf({ url, headers, body }: RequestPreview): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    const shown = value.replaceAll(MASKED, placeholder(name));
    return `  -H ${quoted(`${name}: ${shown}`)}`;
  });
  const address = url.replaceAll(MASKED, placeholder('secret'));
  const data = body.replaceAll(MASKED, placeholder('secret'));
  return [`curl -X POST ${quoted(address)}`, ...lines, `  --data-raw ${quoted(data)}`].join(' \\\n');
}
