// Node-RED, a bot builder that knows nothing of Signalbox, as a bot on the seed's wire: from a customer's word to its
// answer, over a handover to the desk and back. Its flow is what a user would draw: a webhook in, a function, requests out.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../parties/box.ts';
import { call, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeChannel, makeDesk, verified } from '../parties/world.ts';
import { witnessFile } from './load.ts';

const TOKEN = 'a-token-that-the-flow-knows';

/** What the bot does, in the words of a function node: one answer, one handover, the token on every POST. */
const THINK = `
const event = msg.payload;
msg.payload = { verification_token: '${TOKEN}' };
if (event.Event !== 'Incoming message' || event.ConversationType !== 'BOT') return [msg, null];
const wants = event.Message === 'a human, please';
const out = {
  url: flow.get('hook'),
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  payload: wants
    ? { eventid: 1002, conversation_id: event.Conversationid, customparam1: 'sales' }
    : { eventid: 1001, conversation_id: event.Conversationid, message: 'You said: ' + event.Message, Messagetype: 'text' },
};
return [msg, out];`;

const FLOW = [
  { id: 'tab', type: 'tab', label: 'bot' },
  { id: 'in', type: 'http in', z: 'tab', url: '/bot', method: 'post', wires: [['think']] },
  { id: 'think', type: 'function', z: 'tab', func: THINK, outputs: 2, wires: [['answer'], ['out']] },
  { id: 'answer', type: 'http response', z: 'tab', statusCode: '200', headers: {}, wires: [] },
  { id: 'out', type: 'http request', z: 'tab', method: 'use', ret: 'obj', wires: [['said']] },
  { id: 'said', type: 'function', z: 'tab', func: "flow.set('answered', msg.statusCode);", outputs: 0, wires: [] },
  { id: 'hook', type: 'http in', z: 'tab', url: '/hook', method: 'post', wires: [['keep']] },
  {
    id: 'keep',
    type: 'function',
    z: 'tab',
    func: "flow.set('hook', msg.payload.hook); return msg;",
    wires: [['kept']],
  },
  { id: 'kept', type: 'http response', z: 'tab', statusCode: '200', headers: {}, wires: [] },
  { id: 'ask', type: 'http in', z: 'tab', url: '/answered', method: 'get', wires: [['tell']] },
  {
    id: 'tell',
    type: 'function',
    z: 'tab',
    func: "msg.payload = { status: flow.get('answered') }; return msg;",
    wires: [['told']],
  },
  { id: 'told', type: 'http response', z: 'tab', statusCode: '200', headers: {}, wires: [] },
];

describe('A bot drawn in Node-RED', () => {
  const place = sharedBox();
  let folder: string;
  let red: ChildProcess;
  let base: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-node-red-'));
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const settings = {
      ...{ uiPort: port, uiHost: '127.0.0.1', flowFile: 'flows.json', httpAdminRoot: false, httpNodeRoot: '/' },
      ...{ credentialSecret: false, telemetry: { enabled: false, updateNotification: false } },
      ...{ externalModules: { autoInstall: false, palette: { allowInstall: false } } },
    };
    writeFileSync(join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(FLOW));
    const args = [witnessFile('node-red', 'red.js'), '--userDir', folder, '--settings', join(folder, 'settings.js')];
    red = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' });
    await until(
      'Node-RED answers',
      async () => (await call('GET', `${base}/answered`).catch(() => null))?.status === 200,
    );
  });
  afterAll(() => {
    red?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is verified, answers a customer, hands over, and goes on when the agent is done', async () => {
    const { box } = place;
    const [channel, desk] = await Promise.all([makeChannel(box), makeDesk(box)]);
    const bot = await box.must('POST', '/bots', {
      ...{ name: 'drawn bot', platform: 'other', url: `${base}/bot`, verification_token: TOKEN },
    });
    await call('POST', `${base}/hook`, { body: { hook: bot.hook_url } });
    await verified(box, 'bots', bot.id);
    const service: string = (await box.must('POST', '/services', { name: 'drawn' })).id;
    for (const id of [bot.id, desk.id]) await box.must('PUT', `/services/${service}/integrations/${id}`);
    await box.must('PUT', `/services/${service}/assets/${channel.asset.id}`);
    const action = { type: 'forward_to_bot_and_desk', bot_id: bot.id, desk_id: desk.id };
    await box.must('POST', `/services/${service}/rules`, {
      ...{ name: 'all', trigger: { event: 'message.received' }, action },
    });

    await channel.says('somebody', 'good morning');
    await until('the bot answers', () => channel.texts('somebody').includes('You said: good morning'));
    await until('its word was taken', async () => (await call('GET', `${base}/answered`)).body.status === 202);

    await channel.says('somebody', 'a human, please');
    const offer = await until('the desk is offered the line', () => desk.offers('somebody')[0]);
    expect(offer.body.data.attributes).toMatchObject({ customparam1: 'sales' });
    const conversation: string = offer.body.data.conversation_id;
    await desk.accept(conversation);
    await desk.say(conversation, 'a human speaks');
    await until('the agent is heard', () => channel.texts('somebody').includes('a human speaks'));
    await desk.tell('conversation.closed', conversation, { reason: 'done' });

    await channel.says('somebody', 'thank you');
    await until('the bot has the line again', () => channel.texts('somebody').includes('You said: thank you'));
    const said = channel.texts('somebody');
    expect(said).toEqual(['You said: good morning', 'a human speaks', 'You said: thank you']);
    await Promise.all([channel.down(), desk.down()]);
  });
});
