// The doors of the program through which somebody else's URL comes in, each as a function that knocks with one.
// Not here: the URLs, and the watch over what the program does with them (urls.ts). The one thing to know: `refused` is
// said only where the program said so; where it takes a name and would only be able to judge it at the call, the call is made.
import type { Bot } from '../parties/bot.ts';
import type { Box } from '../parties/box.ts';
import { call, type Loose, until } from '../parties/call.ts';
import type { Line } from '../parties/line.ts';
import { verified } from '../parties/world.ts';
import { TOKEN } from '../parties/zoo-token.ts';

export const DOORS = [
  'a bot',
  'an edit of a bot',
  'a bot that is tried',
  'a desk',
  'a desk that is tried',
  'a Chatwoot that is tried',
  'an HTTP channel',
  'a provider',
  'a rule',
  'a medium of a provider',
  'a redirect of a provider',
] as const;
export type Door = (typeof DOORS)[number];
/** Else: what was wrong. `passed over`: there was nothing to refuse, as with what is no address to its reader. */
export type Said = 'refused' | 'passed over' | string;

/** Of a link that is opened on a busy machine: the program itself waits for the file for half a minute. */
const PATIENCE_MS = 60_000;
export type Parties = { box: Box; line: Line; bot: Bot };

const ADDRESS = /public|SIGNALBOX_ALLOW_PRIVATE|URL|host|address|Port/;

export async function openDoors(parties: Parties): Promise<Record<Door, (url: string) => Promise<Said>>> {
  const { box, line } = parties;
  const service: string = (await box.must('POST', '/services', { name: 'doors' })).id;
  const spare: Loose = { name: 'b', platform: 'other', url: 'https://bot.test/', verification_token: TOKEN };
  const bot: string = (await box.must('POST', '/bots', spare)).id;
  const asset = await box.must('POST', '/assets', { name: 'line', channel: 'line', config: line.config() });
  line.hook = asset.hook_url;
  await box.must('PUT', `/services/${service}/assets/${asset.id}`);
  const reader = await openReader(parties, service, asset.id);

  /** Refused when it is written down; or taken, tried, and refused then; and gone again. */
  const saved = async (path: string, body: Loose, pointer: string, tried = true): Promise<Said> => {
    const made = await box.api('POST', path, body);
    if (made.status === 422) return atPointer(made.body, pointer);
    if (made.status !== 201) return `answered ${made.status} ${made.text}`;
    const said = tried ? await verdict(`${path}/${made.body.id}/verification`, {}) : 'passed over';
    const gone = await box.api('DELETE', `${path}/${made.body.id}`);
    return gone.status >= 300 ? `could not be taken away: ${gone.text}` : said;
  };
  const verdict = async (path: string, body: Loose, pointer = '/url'): Promise<Said> => {
    const { status, body: said, text } = await box.api('POST', path, body);
    if (status === 422) return atPointer(said, pointer);
    const failed = said?.checks?.find((check: Loose) => !check.ok);
    if (status !== 200 || said.verified !== false || !failed) return `answered ${status} ${text}`;
    return ADDRESS.test(failed.detail) ? 'refused' : `failed otherwise: ${failed.detail}`;
  };
  const chatwoot = { account_id: '1', inbox_id: '1', api_token: 'token' };

  return {
    'a bot': (url) => saved('/bots', { ...spare, url }, '/url'),
    'an edit of a bot': async (url) => {
      const edited = await box.api('PATCH', `/bots/${bot}`, { url });
      if (edited.status === 200) return verdict(`/bots/${bot}/verification`, { url });
      return edited.status === 422 ? atPointer(edited.body, '/url') : `answered ${edited.status} ${edited.text}`;
    },
    'a bot that is tried': (url) =>
      verdict('/bots/verification', { platform: 'other', url, verification_token: TOKEN }),
    'a desk': (url) => saved('/desks', { name: 'd', kind: 'webhook', url }, '/url'),
    'a desk that is tried': (url) => verdict('/desks/verification', { kind: 'webhook', url }),
    'a Chatwoot that is tried': (url) => verdict('/desks/verification', { kind: 'chatwoot', url, config: chatwoot }),
    'an HTTP channel': (url) => saved('/assets', { name: 'a', channel: 'http', config: { url } }, '/config/url', false),
    'a provider': (url) =>
      saved(
        '/assets',
        { name: 't', channel: 'telegram', config: { token: '1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', api_url: url } },
        '/config/api_url',
      ),
    'a rule': async (url) => {
      const action = { type: 'notify_url', url };
      const trigger = { event: 'message.received', asset_id: asset.id };
      const made = await box.api('POST', `/services/${service}/rules`, { name: 'r', trigger, action, enabled: false });
      if (made.status === 422) return atPointer(made.body, '/action/url');
      return made.status === 201 ? 'passed over' : `answered ${made.status} ${made.text}`;
    },
    'a medium of a provider': (url) => reader({ type: 'external', originalContentUrl: url }),
    'a redirect of a provider': (url) => reader(null, url),
  };
}

function atPointer({ errors }: Loose, pointer: string): Said {
  const told = (errors ?? []).map((error: Loose) => error.pointer);
  return told.includes(pointer) ? 'refused' : `was refused for ${told.join() || 'nothing'}`;
}

/** A customer sends a picture that lies at `provider`, or is led on to `location`; a bot gets the link, and opens it. */
async function openReader(
  { box, line, bot }: Parties,
  service: string,
  assetId: string,
): Promise<(provider: Loose, location?: string) => Promise<Said>> {
  await openBot(box, bot, service, assetId);
  const links = new Map<string, string>();
  bot.reply = ({ body }) => {
    links.set(body.Signalbox?.User, body.Media);
    return bot.ok();
  };
  const honest = line.reply;
  const places = new Map<string, string>();
  line.reply = (post) => {
    const location = places.get(/\/message\/(\d+)\/content$/.exec(post.path)?.[1] ?? '');
    return location === undefined ? honest(post) : { status: 302, headers: { location } };
  };
  return async (provider, location) => {
    const user = line.newcomer();
    const event = line.message(user, { type: 'image', contentProvider: provider ?? { type: 'line' } });
    if (location !== undefined) {
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(location)) return 'passed over';
      places.set(event.message.id, location);
    }
    const taken = await line.post([event]);
    if (taken.status !== 200) return `the hook answered ${taken.status} ${taken.text}`;
    const link = await until('the bot is told of the picture', () => links.get(user), PATIENCE_MS);
    const answer = await call('GET', link, { timeoutMs: PATIENCE_MS });
    const detail: string = answer.body?.detail ?? '';
    // The provider's own, as with a redirect to a path beside it.
    if (answer.status === 200 || /The provider answered/.test(detail)) return 'passed over';
    if (ADDRESS.test(detail) || detail.includes('redirect')) return 'refused';
    return `failed otherwise: ${answer.status} ${answer.text}`;
  };
}

async function openBot(box: Box, bot: Bot, service: string, assetId: string): Promise<void> {
  const settings = { verification_token: TOKEN, failure_threshold: 50 };
  const made = { name: 'reader', platform: 'other', url: `${bot.url}/in`, ...settings };
  bot.adopt(await box.must('POST', '/bots', made), TOKEN, box.now);
  await verified(box, 'bots', bot.id);
  await box.must('PUT', `/services/${service}/integrations/${bot.id}`);
  const trigger = { event: 'message.received', asset_id: assetId };
  const action = { type: 'forward_to_bot', bot_id: bot.id };
  await box.must('POST', `/services/${service}/rules`, { name: 'reader', trigger, action });
}
