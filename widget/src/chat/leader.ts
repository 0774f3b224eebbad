// Which of a customer's tabs speaks to the server: the one that holds a lock of the browser; the others listen to it.
// Not here: what the leader does. The one thing to know: a browser gives the lock to the next tab when one closes, but
// not when one is frozen; so a tab that gets no sign of life from the leader takes the lock away from it.

/** The part of `navigator.locks` that is used; absent where a page has no https, and then every tab leads itself. */
export type Locks = {
  request(
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    held: () => Promise<void>,
  ): Promise<unknown>;
};

export type Election = {
  leads(): boolean;
  /** takes the line from a leader that shows no sign of life */
  seize(): void;
  /** hands the line on, and stands for election no more */
  resign(): void;
};

export function standForElection(name: string, locks: Locks | undefined, change: (leads: boolean) => void): Election {
  let leads = false;
  let over = false;
  let release = (): void => {};
  let waiting = new AbortController();

  const become = (now: boolean): void => {
    if (leads === now) return;
    leads = now;
    change(now);
  };
  const stand = (steal: boolean): void => {
    if (over) return;
    if (locks === undefined) {
      become(true);
      return;
    }
    waiting = new AbortController();
    // The browser knows either `steal` or `signal`.
    const options = steal ? { steal } : { signal: waiting.signal };
    const held = (): Promise<void> =>
      new Promise((done) => {
        release = done;
        if (over) done();
        else become(true);
      });
    locks.request(name, options, held).then(
      () => become(false),
      () => {
        // Withdrawn by ourselves, or taken by another tab: then wait in line again.
        if (!leads) return;
        become(false);
        stand(false);
      },
    );
  };
  stand(false);

  return {
    leads: () => leads,
    seize: () => {
      if (leads || over) return;
      waiting.abort();
      stand(true);
    },
    resign: () => {
      over = true;
      waiting.abort();
      become(false);
      release();
    },
  };
}
