// One errand at Chatwoot's API: a few requests one after the other, which together are one attempt of ours.
// Not here: which requests (conversations.ts, adapter.ts). The one thing to know: the first that fails ends the errand
// with the outcome of the attempt; what the requests took together is its time.
import { z } from 'zod';
import type { DeskConfig, Exchange, ExchangeAnswer, Send } from '../../engine/ports.ts';
import type { Outcome } from '../../routing/inputs.ts';
import { connectionOf } from '../../wire/config.ts';
import { check, isObject, objectOf } from '../../wire/json.ts';
import { maskFor } from '../../wire/mask.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { type Chatwoot, secretsOf, settingsOf } from './fields.ts';

export type Asked<T> = { ok: true; value: T } | { ok: false; outcome: Outcome; status: number | null };
export type Call = { method?: Exchange['method']; path: string; body?: unknown };

export type Errand = {
  settings: Chatwoot;
  /** a request of the application API, below the account; `what` it is for, as in "making the contact" */
  ask<T>(what: string, call: Call, shape: z.ZodType<T>): Promise<Asked<T>>;
  /** the errand is done */
  done(detail: string): Outcome;
  /** the errand cannot be done, and trying again would not help */
  vain(detail: string): Outcome;
};

/** For answers that are not looked into. */
export const anything = z.unknown();

export function errandOf(desk: DeskConfig, send: Send, now: number): Errand {
  const settings = settingsOf(desk);
  const mask = maskFor(desk, () => secretsOf(desk));
  let totalMs = 0;
  let last: Outcome | null = null;
  return {
    settings,
    async ask(what, call, shape) {
      const answer = await exchange(desk, settings, call, send);
      totalMs += answer.timing.totalMs;
      const outcome = { ...outcomeOf(answer, { clientErrors: 'retry', mask, now }), timing: { totalMs } };
      last = outcome;
      if (outcome.result !== 'ok') {
        return { ok: false, outcome: { ...outcome, detail: `${what}: ${outcome.detail}` }, status: outcome.status };
      }
      const read = check(shape, objectOf(answer));
      if (read.ok) return read;
      const detail = `${what}: the answer is not what Chatwoot answers. Is this the address of a Chatwoot?`;
      return {
        ok: false,
        outcome: { ...outcome, result: 'retry', reason: 'bad_answer', detail },
        status: outcome.status,
      };
    },
    done: (detail) => ({
      ...(last ?? { status: null, answer: '' }),
      result: 'ok',
      reason: 'ok',
      detail,
      timing: { totalMs },
    }),
    vain: (detail) => ({
      ...(last ?? { status: null, answer: '' }),
      result: 'final',
      reason: 'rejected',
      detail,
      timing: { totalMs },
    }),
  };
}

export function exchange(
  desk: Pick<DeskConfig, 'id' | 'version'>,
  { base, account, token }: Chatwoot,
  { method = 'GET', path, body }: Call,
  send: Send,
): Promise<ExchangeAnswer> {
  return send({
    url: `${base}/api/v1/accounts/${account}${path}`,
    method,
    headers: { api_access_token: token, accept: 'application/json', ...JSON_BODY },
    body: body === undefined ? '' : JSON.stringify(body),
    key: connectionOf(desk),
  });
}

const JSON_BODY = { 'content-type': 'application/json' };

/** A list that Chatwoot wraps in `payload`. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (isObject(value) ? value.payload : undefined), z.array(item));
