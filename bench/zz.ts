import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillMany } from '../src/store/sqlite/fixtures/many.ts';
import { ASSET, BOT, openCore, SERVICE } from './houses.ts';

const folder = mkdtempSync('/tmp/zz-');
const file = join(folder, 'x.db');
openCore(file).close();
const N = Number(process.argv[2]);
const t0 = performance.now();
fillMany(file, { assetId: ASSET, botId: BOT, serviceId: SERVICE }, Date.now(), {
  messages: N,
  threads: Math.ceil(N / 30),
});
console.log('filled', (performance.now() - t0) / 1000);
const core = openCore(file);
core.setWorld({ bots: new Map(), desks: new Map(), services: new Map(), assets: new Map() } as never);
const now = Date.now();
const DAY = 864e5;
const asks: [string, () => unknown][] = [
  ['count until', () => core.countDeliveries({ until: now })],
  ['count delivered until', () => core.countDeliveries({ status: 'delivered', until: now })],
  ['count target delivered until', () => core.countDeliveries({ targetId: BOT, status: 'delivered', until: now })],
  ['count dead until', () => core.countDeliveries({ status: 'dead', until: now })],
  ['count day', () => core.countDeliveries({ since: now - 9 * DAY, until: now - 8 * DAY })],
  ['list url', () => core.listDeliveries({ limit: 50, targetType: 'url' })],
  ['list delivered of desk', () => core.listDeliveries({ limit: 50, status: 'delivered', targetType: 'desk' })],
  ['list of unknown', () => core.listDeliveries({ limit: 50, targetId: 'nobody' })],
  ['list target pending', () => core.listDeliveries({ limit: 50, targetId: BOT, status: 'pending' })],
  ['list held of desk', () => core.listDeliveries({ limit: 50, status: 'held', targetType: 'desk' })],
  [
    'list until long ago, delivered',
    () => core.listDeliveries({ limit: 50, status: 'delivered', until: now - 40 * DAY }),
  ],
];
for (const [name, ask] of asks) {
  const ms = [1, 2].map(() => {
    const f = performance.now();
    ask();
    return Math.round((performance.now() - f) * 10) / 10;
  });
  console.log(name.padEnd(32), ms.join(' '));
}
core.close();
rmSync(folder, { recursive: true });
