// Faults to plant: each a small change of behaviour, as somebody could make it by mistake, and a seed must show it.
// Not here: how they are planted (build.ts). The one thing to know: `find` must stand exactly once in its file; a change
// of the source that removes it fails the test that looks for all of them, and then the fault is written anew here.
import type { Fault } from './build.ts';

const engine = (file: string) => `src/engine/${file}.ts`;
const routing = (file: string) => `src/routing/${file}.ts`;

const ENGINE: Fault[] = [
  {
    name: 'answers before it is on disk',
    file: engine('committer'),
    find: 'const began = performance.now();',
    put: `const began = performance.now();
      for (const group of groups) if (!group.keep)
        group.resolve(group.inputs.map(() => ({ reply: { ok: true }, thread: null, dueAt: undefined, queued: [],
          changes: [], health: null, transients: [] })));`,
  },
  {
    name: 'forgets results while the store is away',
    file: engine('committer'),
    find: 'all.filter((group) => group.keep && !this.#isPast(group))',
    put: 'all.filter((group) => group.keep && !group.lingers)',
  },
  {
    name: 'does not try the store again',
    file: engine('committer'),
    find: 'if (this.#queue.length > 0) this.#schedule();\n      stateChanged();',
    put: "if (this.#queue.length > 5) this.#schedule();\n      this.#state = 'down';",
  },
  {
    name: 'sends two of a lane at once',
    file: engine('lanes'),
    find: "this.#enter(lane, 'busy');\n",
    put: "this.#enter(lane, 'busy');\n      lane.entries.push(...lane.entries.splice(0, 1)); lane.state = 'new'; this.#look(lane);\n",
  },
  {
    name: 'retries at once',
    file: engine('lanes'),
    find: 'if (at > this.#parts.clock.now()) {',
    put: 'if (at > this.#parts.clock.now() && head.item.delivery.attempts === 0) {',
  },
  {
    name: 'goes on with a lane when a retry must wait',
    file: engine('lanes'),
    find: 'if (stays && !entry.over && ',
    put: 'if (stays && !entry.over && entry.item.delivery.attempts === 0 && ',
  },
  {
    name: 'sends what was cancelled meanwhile',
    file: engine('lanes'),
    find: '    if (entry.over) this.#remove(entry);\n    this.#look(lane);\n    return true;',
    put: '    this.#look(lane);\n    return true;',
  },
  {
    name: 'takes a thread for whole although something of it was left on disk',
    file: engine('ahead'),
    find: "if (now === 'whole') known.delete(threadId);\n    else if",
    put: 'if',
  },
  {
    name: 'takes a thread for whole before the store has said so',
    file: engine('ahead'),
    find: "known.set(threadId, 'asked');",
    put: "known.set(threadId, 'whole');",
  },
  {
    name: 'sends to who is not active',
    file: engine('deliver'),
    find: "this.#party(target)?.health.status === 'active';\n  }\n\n  /** The same, where",
    put: "this.#party(target)?.health.status !== 'disabled';\n  }\n\n  /** The same, where",
  },
  {
    name: 'does not drain what was parked',
    file: engine('deliver'),
    find: 'of.allowance = 1;\n      this.#loading.begin(of, after);',
    put: 'of.allowance = 1;\n      this.#loading.direct(of);',
  },
  {
    name: 'keeps lanes of who went down',
    file: engine('deliver'),
    find: '      this.#loading.end(of);\n      this.#lanes.drop(of);\n    } else if',
    put: '    } else if',
  },
  {
    name: 'slow start that never ends',
    file: engine('deliver'),
    find: 'else if (++of.allowance >= this.#most(of.target))',
    put: 'else if (--of.allowance >= this.#most(of.target))',
  },
  {
    name: 'does not read what is owed at the start',
    file: engine('engine'),
    find: 'this.#deliver.start(await store.targetsWithPending());',
    put: 'this.#deliver.start((await store.targetsWithPending()).slice(0, 1));',
  },
  {
    name: 'does not hear that the health changed',
    file: engine('engine'),
    find: 'if (each.health) this.#health(each.health);',
    put: "if (each.health && input.type !== 'attempt') this.#health(each.health);",
  },
  {
    name: 'does not sweep when a bot goes down',
    file: engine('sweeps'),
    find: "unavailable: (id) => run('unavailable', id),",
    put: 'unavailable: () => Promise.resolve(),',
  },
  {
    name: 'loses new deliveries while it reads old ones',
    file: engine('loading'),
    find: 'feed.skipped = Math.max(feed.skipped, ord);',
    put: 'feed.cursor = Math.max(feed.cursor, ord);',
  },
  {
    name: 'reads each target one page only',
    file: engine('loading'),
    find: 'if (items.length < limits.page && feed.skipped <= feed.cursor)',
    put: 'if (items.length <= limits.page)',
  },
  {
    name: 'takes straight from commits when memory is full, past what is on disk',
    file: engine('loading'),
    find: "feed.mode = 'loading'; // from",
    put: 'return; // from',
  },
  {
    name: 'forgets deadlines at the start',
    file: engine('deadlines'),
    find: 'await store.dueThreads(after, PAGE);',
    put: '(await store.dueThreads(after, PAGE)).slice(0, 0);',
  },
  {
    name: 'does not move a deadline',
    file: engine('deadlines'),
    find: 'else alarms.set(threadId, dueAt);\n    },\n    set(',
    put: 'else if (alarms.at(threadId) === undefined) alarms.set(threadId, dueAt);\n    },\n    set(',
  },
  {
    name: 'tells the epoch of when it was owed',
    file: engine('attempt'),
    find: 'const latest = view() ?? item.thread;',
    put: 'const latest = item.thread ?? view();',
  },
  {
    name: 'sends again what was interrupted, without a key',
    file: engine('attempt'),
    find: 'if (isInterrupted(delivery)) return',
    put: 'if (isInterrupted(delivery) && delivery.attempts > 3) return',
  },
  {
    name: 'does not note that a send begins',
    file: engine('attempt'),
    find: 'const noted = await begun(committer, delivery, log);',
    put: "const noted = 'begun' as Awaited<ReturnType<typeof begun>>;",
  },
  {
    name: 'lets other processes join a merge window that has left',
    file: engine('begin'),
    find: 'if (peers) return',
    put: 'if (peers && Number.isNaN(1)) return',
  },
  {
    name: 'makes active whoever was asked',
    file: engine('verify'),
    find: 'const verified = holds(checks);',
    put: 'const verified = checks.length > 0;',
  },
  {
    name: 'makes active whatever is there by then',
    file: engine('verify'),
    find: "status: 'active', reason: null, version }",
    put: "status: 'active', reason: null }",
  },
  {
    name: 'replays a step again after it was cut',
    file: engine('replays'),
    find: 'if (mayRepeat && (await',
    put: 'if (!mayRepeat && (await',
  },
  {
    name: 'does not go on with replays after a restart',
    file: engine('engine'),
    find: '    await this.#replays.resume();\n    this.#housekeeping',
    put: '    this.#housekeeping',
  },
  {
    name: 'keeps an old health in the directory',
    file: engine('directory'),
    find: 'if (bot) this.#world.bots.set(health.id, { ...bot, health });',
    put: "if (bot && health.status === 'active') this.#world.bots.set(health.id, { ...bot, health });",
  },
];

const TOGETHER: Fault[] = [
  {
    name: 'does not look at what others decided',
    file: engine('together'),
    find: 'while (await this.#catchUp());',
    put: '',
  },
  {
    name: 'does not take over',
    file: engine('together'),
    find: 'this.#load(() => peers.takeOver())',
    put: 'this.#load(async () => null)',
  },
  {
    name: 'takes over without its deadlines',
    file: engine('together'),
    find: '    await deadlines.load();\n    if (peers.leads())',
    put: '    if (peers.leads())',
  },
  {
    name: 'overlooks what another process decided for a thread when it decides for it itself',
    file: engine('engine'),
    find: 'if (each.owed && each.thread) this.#deliver.renewed(each.thread, each.owed);',
    put: '',
  },
];

const ROUTING: Fault[] = [
  {
    name: 'tries six times',
    file: routing('delivery'),
    find: 'number > spacing.length || ',
    put: 'number > spacing.length + 1 || ',
  },
  {
    name: 'tries four times',
    file: routing('delivery'),
    find: 'number > spacing.length || ',
    put: 'number >= spacing.length || ',
  },
  {
    name: 'waits as long as it is asked to, beyond the hour',
    file: routing('delivery'),
    find: 'Math.min(Math.max(planned, asked), seriesAt + HOUR - MARGIN)',
    put: 'Math.max(planned, asked)',
  },
  {
    name: 'begins the hour anew with each attempt',
    file: routing('delivery'),
    find: 'return delivery.seriesAt + waited + ',
    put: 'return input.startedAt + waited + ',
  },
  {
    name: 'lets the hour wait for slow answers, too',
    file: routing('delivery'),
    find: '- input.startedAt - input.outcome.timing.totalMs);',
    put: '- input.startedAt + input.outcome.timing.totalMs);',
  },
  {
    name: 'gives up what tripped its bot',
    file: routing('delivery'),
    find: 'if (tripped) {',
    put: 'if (tripped && !last) {',
  },
  {
    name: 'asks whoever it tells',
    file: routing('delivery'),
    find: "if (view.holder.id !== target.id || view.holder.conversationId !== conversationId) return 'CCSP';",
    put: '',
  },
  {
    name: 'takes what is unknown for a failure',
    file: routing('delivery'),
    find: "    outcome.result === 'unknown' &&\n    delivery.target.type === 'asset' &&\n    c.world",
    put: "    outcome.result === 'unknown' &&\n    number > 4 &&\n    c.world",
  },
  {
    name: 'trips one failure late',
    file: routing('health'),
    find: 'if (failures < settings.failure_threshold)',
    put: 'if (failures <= settings.failure_threshold)',
  },
  {
    name: 'counts failures that were not in a row',
    file: routing('health'),
    find: 'return health.failures === 0 ? null : { ...health, failures: 0 };',
    put: 'return null;',
  },
  {
    name: 'does not hear 410',
    file: routing('health'),
    find: 'if (outcome.gone)',
    put: 'if (outcome.gone && health.failures > 0)',
  },
  {
    name: 'begins no fresh series when active again',
    file: routing('health'),
    find: 'generation: before.generation + (becomes ? 1 : 0)',
    put: 'generation: before.generation',
  },
  {
    name: 'hears a bot in an old epoch',
    file: routing('bots'),
    find: 'command.epoch !== undefined && command.epoch !== w.t.epoch',
    put: 'command.epoch !== undefined && command.epoch > w.t.epoch',
  },
  {
    name: 'lets anyone speak',
    file: routing('bots'),
    find: 'if (!holds && !event) {',
    put: "if (!holds && !event && command.type !== 'message') {",
  },
  {
    name: 'says twice what came twice under one key',
    file: routing('bots'),
    find: 'if (command.key) w.d.remember.push(',
    put: 'if (command.key && command.key.length > 99) w.d.remember.push(',
  },
  {
    name: 'copies to the holder only',
    file: routing('owed'),
    find: 'if (message.turn !== null && to.given < message.turn && bot(w, to.botId))',
    put: 'if (message.turn !== null && to.given < message.turn && to === holding)',
  },
  {
    name: 'owes a successor nothing',
    file: routing('ownership'),
    find: 'owe(w, to, turnsAfter(w, after));',
    put: 'owe(w, to, []);',
  },
  {
    name: 'offers a desk no unanswered words',
    file: routing('ownership'),
    find: 'for (const message of turnsAfter(w, w.t.answered)) tellDesk(w, offer, message);',
    put: '',
  },
  {
    name: 'changes the holder without a new epoch',
    file: routing('work'),
    find: 'w.t.epoch += 1;',
    put: "w.t.epoch += holder.type === 'none' ? 0 : 1;",
  },
  {
    name: 'keeps a deadline that rang',
    file: routing('clock'),
    find: 'holding.takeDue = null;',
    put: '',
  },
  {
    name: 'gives a desk for ever to accept',
    file: routing('ownership'),
    find: 'acceptDue: w.c.now + seconds(desk(w, deskId)?.settings.accept_within_s ?? 60)',
    put: 'acceptDue: null',
  },
  {
    name: 'tells a receipt again',
    file: routing('fates'),
    find: 'if (known >= RANK[status]) return false;',
    put: 'if (known > RANK[status]) return false;',
  },
  {
    name: 'answers for who was not there',
    file: routing('endings'),
    find: 'answered(w, Math.max(left.acked, seen), conversationId);',
    put: '',
  },
];

const WIRES: Fault[] = [
  {
    name: 'asks for no token',
    file: 'src/bots/answer.ts',
    find: 'if (fitting.length > 0) return null;',
    put: 'if (fitting.length > 0 || shown.length === 0) return null;',
  },
  {
    name: 'takes any token',
    file: 'src/bots/answer.ts',
    find: "return shown.length === 0 ? 'token_missing' : 'token_wrong';",
    put: "return shown.length === 0 ? 'token_missing' : null;",
  },
  {
    name: 'takes a 404 for a success',
    file: 'src/wire/outcome.ts',
    find: 'if (status >= 200 && status < 300) return',
    put: 'if (status >= 200 && status < 405) return',
  },
];

export const PLANTED: readonly Fault[] = [...ENGINE, ...TOGETHER, ...ROUTING, ...WIRES];
