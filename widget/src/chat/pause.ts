// Waiting that a reason can cut short: the network is back, the page is looked at again, a person wants it now.
// Not here: how long to wait (backoff.ts).
export type Pauses = { pause(ms: number): Promise<void>; wake(): void };

export function pauses(): Pauses {
  const sleepers = new Set<() => void>();
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          sleepers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        sleepers.add(done);
      }),
    wake: () => {
      for (const done of [...sleepers]) done();
    },
  };
}
