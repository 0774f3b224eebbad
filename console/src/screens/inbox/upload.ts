// A file on its way to the server, to be sent with the next message.
// Not here: what is taken (the server looks at the bytes). The one thing to know: it is not JSON, so it goes past the
// client; refusals come out as the same ApiError.
import { ApiError, pathWith } from '../../api/client.ts';
import type { UploadedMedium } from '../../api/types.ts';

/** As the server allows: 10 MiB. */
export const FILE_BYTES_MAX = 10 * 1024 * 1024;
const NAME_MAX = 200;

export async function upload(file: File): Promise<UploadedMedium> {
  const type = file.type || 'application/octet-stream';
  const path = pathWith('/media', { name: file.name.slice(-NAME_MAX) });
  const answer = await fetch(path, { method: 'POST', body: file, headers: { 'content-type': type } }).catch(() => null);
  if (answer === null) throw new ApiError({ status: 0, code: 'offline', detail: 'The server does not answer.' });
  const document = await answer.json().catch(() => ({}));
  if (answer.ok) return document;
  const { code = 'unreadable', detail = `The server answered ${answer.status}.` } = document;
  throw new ApiError({ status: answer.status, code, detail, requestId: answer.headers.get('x-request-id') });
}
