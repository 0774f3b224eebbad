// A provider on the HTTP channel: customers speak through it, and what is sent to them arrives here.
// Not here: the program's side. The one thing to know: it takes `webhook-id` as the idempotency key, as a provider
// should, so `delivered` has each message once, while `posts` has every try.
import { randomUUID } from 'node:crypto';
import { type Answer, call, type Loose } from './call.ts';
import { firstTries, type Listener, listen, type Post } from './listener.ts';

export type AssetMade = { id: string; hook_url: string; secret: string; signing_secret: string };

export type Channel = Listener & {
  asset: AssetMade;
  adopt(asset: AssetMade, clock: () => number): void;
  /** any body to the hook, by default with the bearer secret */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  says(address: string, text: string, more?: Loose): Promise<Answer>;
  taps(address: string, payload: string, more?: Loose): Promise<Answer>;
  receipt(messageId: string, status: string, description?: string): Promise<Answer>;
  /** what reached the customer, each message once, in order of first arrival */
  delivered(address: string): Post[];
  texts(address: string): string[];
};

export async function startChannel(): Promise<Channel> {
  const listener = await listen();
  const channel: Channel = Object.assign(listener, {
    asset: { id: '', hook_url: '', secret: '', signing_secret: '' },
    adopt: (asset: AssetMade, clock: () => number) => {
      channel.asset = asset;
      channel.secrets = [asset.signing_secret];
      channel.clock = clock;
    },
    post: (body: unknown, headers?: Record<string, string>) =>
      call('POST', channel.asset.hook_url, {
        body,
        headers: headers ?? { authorization: `Bearer ${channel.asset.secret}` },
      }),
    says: (address: string, text: string, more: Loose = {}) =>
      channel.post({ type: 'message', id: randomUUID(), from: { address }, message: { type: 'text', text }, ...more }),
    taps: (address: string, payload: string, more: Loose = {}) =>
      channel.post({ type: 'postback', id: randomUUID(), from: { address }, payload, ...more }),
    receipt: (message_id: string, status: string, description?: string) =>
      channel.post({ type: 'receipt', message_id, status, ...(description ? { description } : {}) }),
    delivered: (address: string) =>
      firstTries(channel.posts.filter((post) => post.body?.type === 'message' && post.body.to?.address === address)),
    texts: (address: string) => channel.delivered(address).map((post) => post.body.message.text as string),
  });
  return channel;
}
