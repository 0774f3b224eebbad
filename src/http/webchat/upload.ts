// Takes one file from a request's body, for whoever may send one: customers of a web chat, agents in the console.
// Not here: who that is, and what is done with the bytes (src/media). The one thing to know: what is refused is refused
// with its reason, and what is left of a body then costs its sender the connection.
import type { IncomingMessage } from 'node:http';
import type { Id } from '../../routing/model.ts';
import type { Site } from '../parts.ts';
import { type Refusal, refuse } from '../problems.ts';

const NAME_MAX = 512;
const TYPES = 'images (PNG, JPEG, GIF, WebP), sound (MP3, M4A, Ogg, WAV, WebM), film (MP4, WebM), PDF and plain text';

export type Uploaded = { id: Id; url: string; type: string; name: string; bytes: number };

/** null: the sender hung up. */
export async function takeUpload(
  site: Pick<Site, 'media'>,
  incoming: IncomingMessage,
  name: string,
  owner: { assetId: Id | null; owner: string },
): Promise<Uploaded | Refusal | null> {
  const close = { headers: { connection: 'close' } };
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return refuse('unsupported_media_type', 'The body is compressed; send the file as it is.', close);
  }
  const declared = incoming.headers['content-type'] ?? '';
  const taken = await site.media.take({ ...owner, body: incoming, declared, name: name.slice(0, NAME_MAX) });
  if (taken.ok) {
    const { id, type, name, bytes } = taken.row;
    return { id, url: site.media.linked({ url: `media:${id}`, type, name }).url, type, name, bytes };
  }
  switch (taken.why) {
    case 'aborted':
      return null;
    case 'too_large':
      return refuse('too_large', 'The file is larger than 10 MiB.', close);
    case 'empty':
      return refuse('unsupported_media_type', 'The file is empty.');
    case 'type':
      return refuse('unsupported_media_type', `The file is none of: ${TYPES}. Its bytes are looked at, not its name.`);
    case 'no_room':
      return refuse('no_room', undefined, close);
  }
}
