// Who asks in the access matrix: a key and a session of each role, the settings' key, and everybody who has no right
// to be here; and the house they ask about.
// Not here: what they ask. The one thing to know: wrong keys are braked per address, so each stranger's request says that
// it was passed on for another one.
import { randomBytes } from 'node:crypto';
import { ROLES, type Role } from '../../src/http/access.ts';
import type { Box } from '../parties/box.ts';
import { call } from '../parties/call.ts';
import { makeWorld } from '../parties/world.ts';
import type { Ids } from './access-asks.ts';

/** `role` null: nobody that this program knows. */
export type Caller = { name: string; role: Role | null; headers(): Record<string, string> };
export type House = { ids: Ids; secrets: Record<string, string>; close(): Promise<void> };

const PASSWORD = 'a password that is long enough';
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

async function session(box: Box, role: Role): Promise<Record<string, string>> {
  const user = await box.must('POST', '/users', { name: `a ${role}`, role, email: `${role}@example.com` });
  const { url } = await box.must('POST', `/users/${user.id}/invitation`, {});
  const token = String(url).split('#').at(-1)?.split('=').at(-1) ?? '';
  const signedIn = await call('POST', `${box.base}/api/v1/session/link`, {
    headers: { origin: box.base },
    body: { token, password: PASSWORD },
  });
  if (signedIn.status !== 200) throw new Error(`nobody could sign in as ${role}: ${signedIn.status} ${signedIn.text}`);
  return { cookie: signedIn.headers['set-cookie']?.split(';')[0] ?? '', origin: box.base };
}

/** Those whom the table knows; the first is an owner. */
export async function people(box: Box): Promise<Caller[]> {
  const callers: Caller[] = [];
  for (const role of ROLES) {
    const headers = bearer((await box.must('POST', '/keys', { name: `a ${role}`, role })).key);
    callers.push({ name: `a key of ${role}`, role, headers: () => headers });
  }
  for (const role of ROLES) {
    const headers = await session(box, role);
    callers.push({ name: `a session of ${role}`, role, headers: () => headers });
  }
  callers.push({ name: "the settings' key", role: 'owner', headers: () => bearer(box.key) });
  // Their first use is written down, once.
  for (const { headers } of callers) await call('GET', `${box.base}/api/v1/session`, { headers: headers() });
  return callers;
}

/** Those whom it does not know, though some of them hold a secret of ours. */
export async function strangers(box: Box, { secrets }: House): Promise<Caller[]> {
  const gone = await box.must('POST', '/keys', { name: 'deleted', role: 'owner' });
  await box.must('DELETE', `/keys/${gone.id}`);
  let asked = 0;
  const passed = (): Record<string, string> => {
    asked += 1;
    return { 'x-forwarded-for': `198.18.${Math.floor(asked / 250) % 250}.${asked % 250}` };
  };
  const stranger = (name: string, headers: Record<string, string>): Caller => ({
    name,
    role: null,
    headers: () => ({ ...passed(), ...headers }),
  });
  return [
    stranger('nobody', {}),
    stranger('a wrong key', bearer(`sk_${randomBytes(32).toString('base64url')}`)),
    stranger('a deleted key', bearer(gone.key)),
    stranger('a session that never was', { cookie: `signalbox_session=${randomBytes(32).toString('base64url')}` }),
    stranger('a password as key', { authorization: `Basic ${Buffer.from(`owner:${box.key}`).toString('base64')}` }),
    ...Object.entries(secrets).map(([name, secret]) => stranger(name, bearer(secret))),
  ];
}

/** A world with one of everything. */
export async function furnish(box: Box): Promise<House> {
  const world = await makeWorld(box, { rule: 'bot' });
  const desk: string = (await box.must('POST', '/desks', { name: 'at the console', kind: 'console' })).id;
  await box.must('PUT', `/services/${world.service}/integrations/${desk}`);
  await box.must('PUT', `/desks/${desk}/presence`, { online: true });
  const line = await world.meet('hello too');
  const moved = await box.must('POST', `/threads/${line.thread}/holder`, { to: desk, reason: 'by hand' });
  const conversation: string = moved.holder.conversation_id;
  await box.must('POST', `/conversations/${conversation}/accept`, {});
  // Presence ends by itself after a minute: what is asked for longer than that must not see it change.
  await box.must('PUT', `/desks/${desk}/presence`, { online: false });
  const [delivery] = await world.deliveries(`target=${world.bot.id}&status=delivered`);
  const replay = await box.must('POST', '/replays', { filter: { status: 'dead' } });
  const person = { name: 'somebody', role: 'viewer' };
  const [key, user] = [await box.must('POST', '/keys', person), await box.must('POST', '/users', person)];
  const ids: Ids = {
    ...{ service: world.service, asset: world.channel.asset.id, bot: world.bot.id, desk, rule: world.rule },
    ...{ thread: line.thread, conversation, delivery: delivery.id, replay: replay.id, key: key.id, user: user.id },
    address: line.address,
  };
  const secrets = {
    "the asset's secret": world.channel.asset.secret,
    "the desk's secret": world.desk.made.secret,
    "the bot's token": world.bot.token,
  };
  return { ids, secrets, close: world.close };
}
