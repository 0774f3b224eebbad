// What must be true when the hostile asking is over: the program is as good as before, its backups came to an end, and after a
// restart everything that its lists name can be read.
// Not here: the asking (fuzz.ts). The one thing to know: a list that names what cannot be read is how a thing that was kept in
// half shows itself.
import type { Box } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import type { Route } from './fuzz-maker.ts';

/** Of each list. */
const READ_MAX = 150;

/** What is wrong, in words, and how many things were read. */
export async function leftWhole(
  box: Box,
  world: World,
  routes: readonly Route[],
): Promise<{ read: number; faults: string[] }> {
  const faults = await backupsEnded(box);
  await speaks(world).catch((error: unknown) => faults.push(`afterwards nobody can speak: ${error}`));
  faults.push(...errorsIn(box.logs()));
  await box.restart();
  const paths = new Set(routes.filter(({ method }) => method === 'GET').map(({ path }) => path));
  let read = 0;
  for (const path of paths) {
    const one = [...paths].find((each) => each.startsWith(`${path}/{`) && /^\/\{\w+\}$/.test(each.slice(path.length)));
    if (one === undefined || path.includes('{') || !path.startsWith('/api/v1/')) continue;
    const list = path.slice('/api/v1'.length);
    for (const id of await idsOf(box, list, faults)) {
      const { status } = await box.api('GET', `${list}/${id}`);
      read += 1;
      if (status !== 200) faults.push(`after a restart ${list} names ${id}, which answers ${status}`);
    }
  }
  await speaks(world).catch((error: unknown) => faults.push(`after a restart nobody can speak: ${error}`));
  return { read, faults };
}

async function idsOf(box: Box, list: string, faults: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (let after = ''; ids.length < READ_MAX; ) {
    const { status, body } = await box.api('GET', `${list}?limit=50${after}`);
    if (status !== 200) {
      faults.push(`after a restart ${list} answers ${status}`);
      break;
    }
    ids.push(...body.data.map(({ id }: { id: string }) => id));
    if (body.next_cursor === null) break;
    after = `&after=${encodeURIComponent(body.next_cursor)}`;
  }
  return ids;
}

async function backupsEnded(box: Box): Promise<string[]> {
  const list = async () => (await box.must('GET', '/backups')).data as { status: string; problem: string | null }[];
  await until('the last backup ends', async () => (await list()).every(({ status }) => status !== 'running'));
  return (await list()).filter(({ status }) => status !== 'done').map(({ problem }) => `a backup failed: ${problem}`);
}

/** A customer, the bot, an agent: there and back. */
async function speaks(world: World): Promise<void> {
  const line = await world.accepted('hello');
  const said = await world.desk.say(line.deskConversation, 'and the desk');
  if (said.status !== 202) throw new Error(`the desk's word was not taken: ${said.status} ${said.text}`);
  await until('the customer hears the desk', () => world.channel.texts(line.address).includes('and the desk'));
}

/** What the program itself calls an error of its own. */
function errorsIn(logs: string): string[] {
  const errors = logs.split('\n').filter((line) => /"level":(50|60|"error"|"fatal")/.test(line));
  return errors.slice(0, 5).map((line) => `in the log: ${line.slice(0, 400)}`);
}
