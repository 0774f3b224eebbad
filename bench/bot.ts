// The mock bot, a process of its own: acknowledges with its token and says one reply per message through the hook.
// The one thing to know: it serves all subjects at once, told apart by the path under which each of them calls it.
import { TOKEN } from './token.ts';
import { type Client, client, response, serve } from './wire.ts';

export type BotOrder = { cmd: 'hook'; path: string; urls: string[] };

const SOCKETS = 64;

/** By path; of a subject with several processes each has its own, used in turn. */
const hooks = new Map<string, Client[]>();
let said = 0;
const ok = response(JSON.stringify({ verification_token: TOKEN }));
/** Strings without escapes in them, which the load generator's are. */
const field = (body: string, name: string): string => new RegExp(`"${name}":"([^"]*)"`).exec(body)?.[1] ?? '';

const { port } = await serve((path, body) => {
  const all = hooks.get(path) ?? [];
  const hook = all[said++ % all.length];
  if (hook !== undefined && body.includes('"Event":"Incoming message"')) {
    const conversation_id = field(body, 'Conversationid');
    const message = `re:${field(body, 'Message')}`;
    const reply = {
      eventid: '1001',
      conversation_id,
      message,
      Messagetype: 'text',
      Timestamp: '2026-01-01 00:00:00.000',
    };
    setImmediate(() =>
      hook.post(JSON.stringify(reply), (status) => {
        if (status !== 202) process.send?.({ refused: status });
      }),
    );
  }
  return ok;
});

process.on('message', (order: BotOrder) => {
  for (const each of hooks.get(order.path) ?? []) each.close();
  hooks.set(
    order.path,
    order.urls.map((url) => client(url, SOCKETS / order.urls.length)),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
