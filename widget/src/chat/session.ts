// Whom the server takes this browser for: the token, kept over reloads, renewed in time, changed by `identify`.
// Not here: what is shown of it. The one thing to know: tabs ask one after the other (a lock of the browser), so that two
// that open at the same instant do not become two customers.
import type { Session, SessionAsk } from '../../../src/channels/webchat/protocol.ts';
import type { Keep } from './keep.ts';
import type { Locks } from './leader.ts';
import type { Answer } from './wire.ts';

export type Identity = NonNullable<SessionAsk['identity']>;
/** What is kept: the token, whose it is, and the verified id behind it, if any. */
type Kept = { token: string; address: string; identity?: string };

export type SessionPorts = {
  ask(ask: SessionAsk): Promise<Answer<Session>>;
  keep: Keep;
  locks: Locks | undefined;
  lockName: string;
};

export type Sessions = {
  token(): string;
  /** asks with what is kept and known; `was` is the address that was kept before */
  open(options?: { forget?: boolean }): Promise<{ answer: Answer<Session>; was: string; anonymous: boolean }>;
  identify(identity: Identity | undefined): void;
  named(name: string): void;
  forget(): void;
};

export function sessionsIn(ports: SessionPorts): Sessions {
  const { keep } = ports;
  let identity: Identity | undefined;
  let name: string | undefined;
  let token = '';

  const kept = (): Kept | undefined => {
    const found = keep.get<Kept>('session');
    return typeof found?.token === 'string' && typeof found.address === 'string' ? found : undefined;
  };

  const ask = async (forget: boolean): ReturnType<Sessions['open']> => {
    const before = kept();
    // A verified customer's token is no use to another one; an anonymous one goes on as the verified.
    const foreign = identity !== undefined && before?.identity !== undefined && before.identity !== identity.id;
    const old = forget || foreign ? undefined : before?.token;
    const answer = await ports.ask({
      ...(old === undefined ? {} : { token: old }),
      ...(identity === undefined ? {} : { identity }),
      ...(name === undefined ? {} : { name }),
    });
    if (answer.ok && typeof answer.value?.token !== 'string') {
      const detail = 'the answer is not from Signalbox';
      return { answer: { ok: false, status: 0, code: '', detail, pointer: '', retryMs: 0 }, was: '', anonymous: false };
    }
    if (answer.ok) {
      token = answer.value.token;
      const id = identity?.id ?? (answer.value.verified ? before?.identity : undefined);
      const { address } = answer.value;
      keep.set('session', { token, address, ...(id === undefined ? {} : { identity: id }) });
    }
    return { answer, was: before?.address ?? '', anonymous: before?.identity === undefined };
  };

  return {
    token: () => token,
    open: async ({ forget = false } = {}) => {
      if (ports.locks === undefined) return ask(forget);
      let result: Awaited<ReturnType<typeof ask>> | undefined;
      await ports.locks.request(ports.lockName, {}, async () => {
        result = await ask(forget);
      });
      return result ?? ask(forget);
    },
    identify: (given) => {
      identity = given;
    },
    named: (given) => {
      name = given;
    },
    forget: () => {
      identity = undefined;
      name = undefined;
      token = '';
      keep.drop('session');
    },
  };
}
