// What Messenger posts: every official kind and what it becomes. Who may post, and what is no event: ../meta.test.ts.
import { describe, expect, it } from 'vitest';
import { asset, request } from '../../wire/fixtures/samples.ts';
import { messengerChannel } from './adapter.ts';
import { bytesOf, config, fixtures, signed } from './fixtures/signed.ts';

const here = asset({ channel: 'messenger', config });
const read = (body: unknown) => messengerChannel.read(here, request(bytesOf(body), signed(bytesOf(body)).headers));
const eventsOf = (body: unknown): Record<string, unknown>[] =>
  (body as { entry: Record<string, Record<string, unknown>[]>[] }).entry.flatMap((entry) => [
    ...(entry.messaging ?? []),
    ...(entry.standby ?? []),
  ]);

describe('a webhook', () => {
  it.each(fixtures)('$name is read as recorded', ({ fixture }) => {
    const { body, items, ignored } = fixture;
    expect(read(body)).toEqual({ ok: true, items, ignored, batch: true });
  });

  it('has a fixture of each kind that Meta documents and we ask for', () => {
    const kinds = new Set(
      fixtures.flatMap(({ fixture }) => eventsOf(fixture.body).flatMap((event) => Object.keys(event))),
    );
    expect(kinds).toEqual(
      new Set([
        ...kinds,
        ...[
          'message',
          'postback',
          'referral',
          'optin',
          'reaction',
          'message_edit',
          'delivery',
          'read',
          'pass_thread_control',
          'take_thread_control',
          'request_thread_control',
          'app_roles',
        ],
      ]),
    );
  });
});
