// Where the files of Messenger and Instagram are: by the URL that came with the message, or asked of Graph by its id.
// Not here: fetching and keeping them (done once, for all channels). The one thing to know: Meta's URLs are signed and
// need no header of ours, so the token is sent to Graph alone.
import type { MediumPlace } from '../engine/channel-port.ts';
import type { Exchange, Send } from '../engine/ports.ts';
import { isObject } from './json.ts';
import { graphError, parsed } from './meta.ts';
import { mediaType, objects, words } from './pick.ts';

/** How long a reference may be: it is kept with the medium. */
const MAX_REFERENCE = 512;

/** What finds the file again; null: nothing does. The n-th file of a message is named when its URL is too long. */
export function referenceTo(url: string, mid: string, index: number): string | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const direct = `url:${url}`;
  if (direct.length <= MAX_REFERENCE) return direct;
  const asked = `mid:${index}:${mid}`;
  return mid !== '' && asked.length <= MAX_REFERENCE ? asked : null;
}

/** `ask` makes the request of Graph for a path. */
export async function locateMeta(
  reference: string,
  ask: (path: string[]) => Exchange,
  send: Send,
): Promise<MediumPlace> {
  if (reference.startsWith('url:')) return { ok: true, url: reference.slice('url:'.length), headers: {} };
  const [, index, mid] = /^mid:(\d{1,3}):(.+)$/s.exec(reference) ?? [];
  if (mid === undefined) return { ok: false, again: false, detail: 'This is no reference to a file of Meta’s.' };
  const answer = await send(ask([mid, 'attachments']));
  if (!answer.ok) return { ok: false, again: true, detail: answer.detail };
  const error = graphError(answer.body);
  if (error !== null || answer.status !== 200) {
    const said = error === null ? '' : ` (error ${error.code})`;
    return {
      ok: false,
      again: answer.status >= 500,
      detail: `Meta answered ${answer.status} to the question where the file is${said}.`,
    };
  }
  const file = objects(parsed(answer.body)?.data, 100)[Number(index)];
  const place = file === undefined ? '' : placeIn(file);
  if (file === undefined || place === '')
    return { ok: false, again: false, detail: 'Meta does not have the file any more.' };
  const name = words(file.name, 256);
  return { ok: true, url: place, headers: {}, type: mediaType(file.mime_type, ''), ...(name === '' ? {} : { name }) };
}

/** A file says where it is in a field that depends on what it is. */
function placeIn(file: Record<string, unknown>): string {
  const inside = [file.image_data, file.video_data, file.audio_data].filter(isObject).map(({ url }) => url);
  return [file.file_url, ...inside].map((url) => words(url, 8192)).find((url) => url !== '') ?? '';
}
