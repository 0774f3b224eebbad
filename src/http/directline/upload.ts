// POST …/upload: one file as the body, or several in a form with an activity beside them; then one message with all.
// Not here: what is taken and where it lies (src/media). The one thing to know: files are stored as they come, before
// it is known whether all are good; a message is said with all of them or not at all, and what no message shows is removed.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { MediaStore } from '../../media/media.ts';
import type { Id } from '../../routing/model.ts';
import { type Refusal, refuse } from './errors.ts';
import { BrokenMultipart, boundaryOf, type Part, parameterOf, partsOf } from './multipart.ts';

const ACTIVITY_TYPE = 'application/vnd.microsoft.activity';
const ACTIVITY_BYTES_MAX = 256 * 1024;
/** As many as one message shows. */
const FILES_MAX = 10;
const NAME_MAX = 512;
const BROKEN = 'The body is no whole multipart/form-data.';

export type Owner = { assetId: Id; owner: string };
export type Uploaded = { ids: Id[]; activity: unknown };

/** null: the sender hung up. */
export async function takeFiles(
  media: MediaStore,
  incoming: IncomingMessage,
  owner: Owner,
): Promise<Uploaded | Refusal | null> {
  const declared = incoming.headers['content-type'] ?? '';
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return refuse('UnsupportedMediaType', 'The body is compressed; send it as it is.', { close: true });
  }
  if (!/^multipart\//i.test(declared)) {
    const name = parameterOf(incoming.headers['content-disposition'] ?? '', 'filename') ?? 'file';
    const taken = await take(media, incoming, declared, name, owner);
    return taken === null || typeof taken !== 'string' ? taken : { ids: [taken], activity: null };
  }
  const boundary = boundaryOf(declared);
  if (boundary === null) return refuse('BadArgument', 'The Content-Type names no boundary.', { close: true });
  try {
    const source = incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const taken = await takeParts(media, partsOf(source, boundary), owner);
    // A file that breaks off although the body is whole: its boundary is missing.
    return taken === null && incoming.complete ? refuse('BadArgument', BROKEN, { close: true }) : taken;
  } catch (error) {
    if (error instanceof BrokenMultipart) return refuse('BadArgument', BROKEN, { close: true });
    if (!incoming.complete) return null;
    throw error;
  }
}

async function takeParts(
  media: MediaStore,
  parts: AsyncIterable<Part>,
  owner: Owner,
): Promise<Uploaded | Refusal | null> {
  const ids: Id[] = [];
  let activity: unknown = null;
  for await (const part of parts) {
    if (part.type.toLowerCase().startsWith(ACTIVITY_TYPE) || (part.name === 'activity' && part.filename === null)) {
      const read = await jsonOf(part.body);
      if ('code' in read) return read;
      activity = read.value;
    } else if (part.filename !== null) {
      if (ids.length === FILES_MAX)
        return refuse('BadArgument', `At most ${FILES_MAX} files go in one message.`, { close: true });
      const taken = await take(media, Readable.from(part.body, { objectMode: false }), part.type, part.filename, owner);
      if (typeof taken !== 'string') return taken;
      ids.push(taken);
    }
  }
  return ids.length === 0 ? refuse('BadArgument', 'The form has no file: a part with a file name.') : { ids, activity };
}

async function jsonOf(body: AsyncIterable<Buffer>): Promise<{ value: unknown } | Refusal> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > ACTIVITY_BYTES_MAX) {
      return refuse('TooLarge', `The activity is larger than ${ACTIVITY_BYTES_MAX} bytes.`, { close: true });
    }
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) };
  } catch {
    return refuse('BadArgument', 'The activity is not valid JSON in UTF-8.', { close: true });
  }
}

async function take(
  media: MediaStore,
  body: Readable,
  declared: string,
  name: string,
  owner: Owner,
): Promise<Id | Refusal | null> {
  const taken = await media.take({ ...owner, body, declared, name: name.slice(0, NAME_MAX) });
  if (taken.ok) return taken.row.id;
  switch (taken.why) {
    case 'aborted':
      return null;
    case 'too_large':
      return refuse('TooLarge', 'A file is larger than 10 MiB.', { close: true });
    case 'empty':
      return refuse('BadArgument', 'A file is empty.', { close: true });
    case 'type':
      return refuse(
        'UnsupportedMediaType',
        'A file is no image, sound, film, PDF or plain text that is taken here. Its bytes are looked at, not its name.',
        { close: true },
      );
    case 'no_room':
      return refuse('InsufficientStorage', 'The disk has no room for more files.', { close: true });
  }
}
