// Where a customer's file is: the Bot API names a path for some time, below a URL that has the token in it.
// Not here: the fetching itself (done once, for all channels). The one thing to know: that URL is told to nobody but the
// guarded client, and a path that would lead elsewhere is none.
import type { MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Send } from '../../engine/ports.ts';
import { MAX_URL } from '../../wire/fields.ts';
import { nowhere } from '../../wire/outcome.ts';
import { object, words } from '../../wire/pick.ts';
import { final, quoted, ruled, sourceOf } from '../../wire/ruling.ts';
import { call, fileUrl, maskOf, saidIn } from './api.ts';
import { outcomeOfCall } from './errors.ts';

export async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const answer = await send(call(asset, 'getFile', { file_id: reference }));
  const said = saidIn(answer);
  if (said?.ok !== true) {
    const outcome = outcomeOfCall(asset, answer, now);
    if (said === null || outcome.result !== 'final') return nowhere(outcome);
    const source = sourceOf('Telegram', null, quoted(maskOf(asset), said.description));
    return nowhere(ruled(outcome, final('rejected', 'Telegram does not give the file.'), { source }));
  }
  const path = words(object(said.result).file_path, MAX_URL);
  // A server of one's own may name a place on its own disk, which is not told over HTTP.
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path) || path.split('/').includes('..')) {
    const detail = 'The Bot API server names no file that can be fetched. Run it without --local.';
    return { ok: false, again: false, detail };
  }
  return { ok: true, url: fileUrl(asset, path), headers: {} };
}
