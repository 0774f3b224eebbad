// Tells the server which of the others' messages have arrived and been read; what could not be told is told later.
// Not here: when something counts as read (the window knows). The one thing to know: the screen does not wait for it.
import type { ReceiptAsk } from '../../../src/channels/webchat/protocol.ts';

/** The server takes no more in one request. */
const AT_ONCE = 100;
type Status = ReceiptAsk['status'];

export type Receipts = {
  owe(ids: string[], status: Status): void;
  /** tries again what is owed */
  flush(): void;
  clear(): void;
};

export function receiptsBy(post: (ask: ReceiptAsk) => Promise<{ ok: boolean }>): Receipts {
  const owed = new Map<string, Status>();
  let busy = false;

  const run = async (): Promise<void> => {
    for (const status of ['read', 'delivered'] as const) {
      for (;;) {
        const ids = [...owed.entries()].filter((entry) => entry[1] === status).map((entry) => entry[0]);
        const some = ids.slice(0, AT_ONCE);
        if (some.length === 0) break;
        for (const id of some) owed.delete(id);
        if ((await post({ message_ids: some, status })).ok) continue;
        for (const id of some) if (!owed.has(id)) owed.set(id, status);
        return;
      }
    }
  };
  const flush = (): void => {
    if (busy || owed.size === 0) return;
    busy = true;
    void run().finally(() => {
      busy = false;
    });
  };
  return {
    owe: (ids, status) => {
      for (const id of ids) if (owed.get(id) !== 'read') owed.set(id, status);
      flush();
    },
    flush,
    clear: () => owed.clear(),
  };
}
