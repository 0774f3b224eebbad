// The demo shop's page: opens the chat, shows how far the tour has come, breaks the bot and heals it.
// Not here: the words (index.html) and what ticks a step (../tour.ts). The one thing to know: this is a site's own
// script; of Signalbox it knows what docs/webchat.md says, and the demo's few addresses.
type Step = { key: string; done: boolean };
type Standing = {
  steps: Step[];
  bot: { broken: boolean; status: string | null; failures: number; waiting: number };
  agent_online: boolean;
};
declare global {
  interface Window {
    Signalbox?: { push(...calls: unknown[][]): void };
  }
}

const LOOK_EVERY_MS = 1_000;
/** The seed's number: so many failures in a row make a bot inactive. */
const FAILURES_MAX = 5;

const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
function one(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

const openChat = (): void => {
  window.Signalbox ??= [] as unknown[][];
  window.Signalbox.push(['open']);
};

/** What the bot's light says, and in which colour. */
function stateOf({ broken, status, failures, waiting }: Standing['bot']): { state: string; words: string } {
  const wait = waiting === 0 ? '' : waiting === 1 ? ' One event waits for it.' : ` ${waiting} events wait for it.`;
  if (status === null) return { state: 'unknown', words: 'The bot cannot be seen just now.' };
  if (status !== 'active') {
    const next = broken ? 'Heal it, then verify it.' : 'It is healed: verify it in the console.';
    return { state: 'bad', words: `The bot is ${status}.${wait} ${next}` };
  }
  if (!broken) return { state: 'good', words: `The bot is active and well.${wait}` };
  const words =
    failures === 0
      ? 'The bot is broken, and nobody knows yet. Write to it.'
      : `The bot failed ${failures} of ${FAILURES_MAX} times.`;
  return { state: 'warn', words };
}

function showSteps(steps: Step[]): void {
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done)?.key;
  for (const { key, done: isDone } of steps) {
    const item = document.querySelector<HTMLElement>(`[data-step="${key}"]`);
    if (item === null) continue;
    item.toggleAttribute('data-done', isDone);
    item.toggleAttribute('data-next', key === next);
    if (key === next) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
  one('#rail').style.inlineSize = `${(100 * done) / Math.max(1, steps.length)}%`;
  one('#after').hidden = next !== undefined;
  const words = `${done} of ${steps.length} done`;
  if (one('#count').textContent !== words) one('#count').textContent = words;
}

function show({ steps, bot }: Standing): void {
  showSteps(steps);
  const { state, words } = stateOf(bot);
  one('.state').dataset.state = state;
  if (one('#state').textContent !== words) one('#state').textContent = words;
  const button = one('#switch') as HTMLButtonElement;
  button.disabled = false;
  button.textContent = bot.broken ? 'Heal the bot' : 'Break the bot';
  button.dataset.act = bot.broken ? 'heal' : 'break';
  one('li [data-act="break"]').hidden = bot.broken;
  one('li [data-act="heal"]').hidden = !bot.broken;
}

async function ask(path: string, method = 'GET'): Promise<void> {
  try {
    const answer = await fetch(path, { method });
    if (!answer.ok) throw new Error(await answer.text());
    show((await answer.json()) as Standing);
  } catch {
    one('.state').dataset.state = 'unknown';
    one('#state').textContent = 'Signalbox cannot be reached. Is it running?';
  }
}

for (const button of all('[data-chat]')) button.addEventListener('click', openChat);
for (const button of [...all('li [data-act]'), one('#switch')]) {
  button.addEventListener('click', () => void ask(`bot/${button.dataset.act}`, 'POST'));
}
one('#again').addEventListener('click', () => void ask('tour/restart', 'POST'));
for (const link of all('a[data-integration]')) {
  link.setAttribute('href', `/console/integrations/${document.documentElement.dataset.bot}`);
}

function look(): void {
  if (document.visibilityState === 'visible') void ask('tour');
}
look();
setInterval(look, LOOK_EVERY_MS);
document.addEventListener('visibilitychange', look);

export {};
