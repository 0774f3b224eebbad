// Where the files of Messenger and Instagram are: by the URL that came with the message, or asked of Graph by its id.
// Not here: fetching and keeping them (done once, for all channels). The one thing to know: Meta's URLs are signed and
// need no header of ours, so the token is sent to Graph alone.
import type { MediumPlace } from '../engine/channel-port.ts';
import type { AssetConfig, Send } from '../engine/ports.ts';
import { MAX_NAME } from './fields.ts';
import { isObject, objectOf } from './json.ts';
import { graphExchange, graphOutcome, type MetaLine } from './meta.ts';
import { nowhere } from './outcome.ts';
import { mediaType, objects, words } from './pick.ts';

/** How long a reference may be: it is kept with the medium. */
const MAX_REFERENCE = 512;
/** Meta signs its URLs at length. */
export const MAX_FILE_URL = 8192;
/** Of one message; as many as are read of it, and more. */
const MAX_FILES = 100;

/** What finds the file again; null: nothing does. The n-th file of a message is named when its URL is too long. */
export function referenceTo(url: string, mid: string, index: number): string | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const direct = `url:${url}`;
  if (direct.length <= MAX_REFERENCE) return direct;
  const asked = `mid:${index}:${mid}`;
  return mid !== '' && asked.length <= MAX_REFERENCE ? asked : null;
}

/** By its URL, or asked of Graph in this line's name. */
export async function locateMeta(
  asset: AssetConfig,
  line: MetaLine,
  reference: string,
  send: Send,
  now: number,
): Promise<MediumPlace> {
  if (reference.startsWith('url:')) return { ok: true, url: reference.slice('url:'.length), headers: {} };
  const [, index, mid] = /^mid:(\d{1,3}):(.+)$/s.exec(reference) ?? [];
  if (mid === undefined) return { ok: false, again: false, detail: 'This is no reference to a file of Meta’s.' };
  const answer = await send(graphExchange(asset, line, [mid, 'attachments'], { query: {} }));
  const outcome = graphOutcome(answer, { mask: line.mask, now, ruling: () => null });
  if (outcome.result !== 'ok') return nowhere(outcome);
  const file = objects(objectOf(answer).data, MAX_FILES)[Number(index)];
  const url = file === undefined ? '' : placeIn(file);
  if (file === undefined || url === '')
    return { ok: false, again: false, detail: 'Meta does not have the file any more.' };
  const [name, type] = [words(file.name, MAX_NAME), mediaType(file.mime_type, '')];
  return { ok: true, url, headers: {}, ...(type === '' ? {} : { type }), ...(name === '' ? {} : { name }) };
}

/** A file says where it is in a field that depends on what it is. */
function placeIn(file: Record<string, unknown>): string {
  const inside = [file.image_data, file.video_data, file.audio_data].filter(isObject).map(({ url }) => url);
  return [file.file_url, ...inside].map((url) => words(url, MAX_FILE_URL)).find((url) => url !== '') ?? '';
}
