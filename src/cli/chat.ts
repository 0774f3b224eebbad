// `signalbox chat`: be the demo's customer in a terminal, or by a script over stdin.
// Not here: the wires (chat-line.ts) and what is shown (chat-screen.ts).
// The one thing to know: on a terminal lines go out as they are typed; from a pipe the next line waits for the answer
// to the last, so that a file of lines is a conversation.
import { createInterface, type Interface } from 'node:readline';
import { Command } from 'commander';
import { isWhole, readDemo } from '../demo/state.ts';
import { dataFolder } from '../settings/data-folder.ts';
import { type ChatLine, type ChatPlaces, type Choice, chatLine, type Line } from './chat-line.ts';
import { jsonScreen, peopleScreen, type Screen } from './chat-screen.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { paint, out as print, wantsColour } from './output.ts';
import { apiOf, findRunning } from './running.ts';

const LOOK_EVERY_MS = 400;
/** From a pipe: silence after an answer that ends a turn, and the longest wait for one. */
const QUIET_MS = 1_200;
const ANSWER_MS_MAX = 20_000;
const RETRY_MS = 500;
const PROMPT = 'you> ';
const HELP = 'Type a message, or the number of a quick reply. /who  /duplicate  /help  /quit';

type Options = { json?: boolean; as: string; name: string };

export function chatCommand(): Command {
  const command = new Command('chat')
    .description('be the customer of the running `signalbox dev`')
    .option('--as <address>', "the customer's address", 'terminal')
    .option('--name <name>', "the customer's name", 'Customer')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', `\nIn the chat: ${HELP}\nFrom a pipe each line waits for the answer to the one before.`);
  return withSettings(command, ['data']).action((options: Options & Record<string, unknown>) => chat(options));
}

function places(options: Record<string, unknown>): ChatPlaces {
  const { settings } = settingsOf('dev', flagsOf({ data: options.data, config: options.config }));
  const data = dataFolder(settings.data);
  const running = findRunning(data);
  const demo = readDemo(data.demo);
  if (running === null || demo === null || !isWhole(demo)) {
    throw new Stop(
      EXIT.unavailable,
      `No signalbox dev is running on ${data.folder}. Start one in another terminal: npm start`,
    );
  }
  const mailbox = `http://127.0.0.1:${demo.asset.port}/mailbox`;
  return {
    base: running.url,
    mailbox,
    demo,
    api: apiOf(running, { ...settings, apiKey: running.key ?? settings.apiKey }),
  };
}

/** What both ways of chatting share: the screen, the choices on it, and when something last happened. */
type Scene = {
  line: ChatLine;
  screen: Screen;
  choices: Choice[];
  holder: Line | null;
  looking: boolean;
  /** answers heard since something was sent */
  answers: number;
  quietSince: number;
};

async function chat(options: Options & Record<string, unknown>): Promise<void> {
  const line = chatLine(places(options), { address: options.as, name: options.name });
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && options.json !== true;
  const terminal = interactive ? { output: process.stdout, prompt: PROMPT } : {};
  const reader = createInterface({ input: process.stdin, ...terminal });
  const tint = paint(wantsColour(process.stdout));
  const write = interactive ? besidePrompt(reader) : print;
  const screen = options.json === true ? jsonScreen(write) : peopleScreen(write, tint);
  const scene: Scene = { line, screen, choices: [], holder: null, looking: false, answers: 0, quietSince: Date.now() };
  const over = new AbortController();
  void hearAll(scene, over.signal);
  const looking = setInterval(() => void lookAgain(scene), LOOK_EVERY_MS);
  try {
    if (interactive) await atTerminal(scene, reader);
    else await fromPipe(scene, reader);
  } finally {
    clearInterval(looking);
    over.abort();
    reader.close();
  }
}

/** Prints above the line that is being typed. */
function besidePrompt(reader: Interface): (text: string) => void {
  return (text) => {
    process.stdout.write(`\r\u001b[K${text}\n`);
    reader.prompt(true);
  };
}

async function hearAll(scene: Scene, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const message of await scene.line.listen(signal)) {
        scene.screen.heard(message);
        scene.choices = message.choices;
        scene.answers += 1;
        scene.quietSince = Date.now();
      }
    } catch {
      // the demo party is being started again, or we are done
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** One look at a time: answers that overtake each other would show an old holder as a new one. */
async function lookAgain(scene: Scene): Promise<void> {
  if (scene.looking) return;
  scene.looking = true;
  const now = await scene.line.look().catch(() => null);
  scene.looking = false;
  if (now === null || (now.holder === scene.holder?.holder && now.epoch === scene.holder.epoch)) return;
  scene.holder = now;
  scene.quietSince = Date.now();
  scene.screen.line(now);
}

/** Deals with one line. False: the customer wants to go. */
async function take(scene: Scene, text: string): Promise<boolean> {
  const word = text.trim();
  const choice = /^\d$/.test(word) ? scene.choices[Number(word) - 1] : undefined;
  if (word === '') return true;
  if (word === '/quit') return false;
  scene.quietSince = Date.now();
  if (word === '/help') scene.screen.note(HELP);
  else if (word === '/who') await who(scene);
  else if (word === '/duplicate') await duplicate(scene);
  else if (word.startsWith('/')) scene.screen.note(`There is no ${word}. ${HELP}`);
  else {
    scene.answers = 0;
    scene.screen.sent(
      await (choice ? scene.line.press(choice) : scene.line.say(text)),
      choice ? 'postback' : 'message',
    );
    scene.choices = [];
  }
  return true;
}

async function who(scene: Scene): Promise<void> {
  const now = await scene.line.look();
  if (now === null) scene.screen.note('Nothing was said yet, so nobody has the line.');
  else scene.screen.line(now);
}

async function duplicate(scene: Scene): Promise<void> {
  const sent = await scene.line.again();
  if (sent === null) scene.screen.note('There is nothing to send again yet.');
  else scene.screen.sent(sent, 'duplicate');
}

async function atTerminal(scene: Scene, reader: Interface): Promise<void> {
  scene.screen.note(HELP);
  reader.prompt();
  for await (const text of reader) {
    try {
      if (!(await take(scene, text))) return;
    } catch (error) {
      scene.screen.note(String((error as Error).message));
    }
    reader.prompt();
  }
}

async function fromPipe(scene: Scene, reader: Interface): Promise<void> {
  for await (const text of reader) {
    const asks = text.trim() !== '' && !text.startsWith('/');
    scene.screen.said(text);
    if (!(await take(scene, text))) return;
    await settled(scene, asks);
  }
}

/** Resolves when the turn is over: answered, nobody waits for an agent, and quiet for a while. */
async function settled(scene: Scene, answerExpected: boolean): Promise<void> {
  const until = Date.now() + ANSWER_MS_MAX;
  for (;;) {
    const answered = !answerExpected || scene.answers > 0;
    const quiet = Date.now() - scene.quietSince >= QUIET_MS;
    if (answered && quiet && scene.holder?.holder !== 'waiting') return;
    if (Date.now() > until) throw new Stop(EXIT.failed, `No answer came within ${ANSWER_MS_MAX / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
