// A person with a browser: invited as a user of some role, signed in, asking the API by cookie, and looking at the live
// stream. Not here: signing in itself (flows/sign-in.test.ts). The one thing to know: every request says from which page
// it comes, as browsers do.
import type { Box } from './box.ts';
import { type Answer, call, type Loose } from './call.ts';

export type Told = { event: string; id: string | null; data: Loose };

export type Person = {
  id: string;
  name: string;
  api(method: string, path: string, body?: unknown): Promise<Answer>;
  must(method: string, path: string, body?: unknown): Promise<Loose>;
  /** opens the live stream; what comes is written down until `close` */
  look(): Promise<{ told: Told[]; close(): void }>;
};

const PASSWORD = 'long enough for a test';

export async function startPerson(box: Box, name: string, role: string): Promise<Person> {
  const email = `${name.toLowerCase().replaceAll(/\W/g, '.')}.${Date.now()}@people.example`;
  const { id } = await box.must('POST', '/users', { name, role, email });
  const { url } = await box.must('POST', `/users/${id}/invitation`, {});
  const token = String(url).split('#token=')[1];
  const answer = await call('POST', `${box.base}/api/v1/session/link`, {
    body: { token, password: PASSWORD },
    headers: { origin: box.base },
  });
  if (answer.status !== 200) throw new Error(`the invitation was not taken: ${answer.status} ${answer.text}`);
  const headers = { origin: box.base, cookie: answer.headers['set-cookie']?.split(';')[0] ?? '' };
  const person: Person = {
    id,
    name,
    api: (method, path, body) => call(method, `${box.base}/api/v1${path}`, { body, headers }),
    must: async (method, path, body) => {
      const got = await person.api(method, path, body);
      if (got.status >= 300) throw new Error(`${method} ${path} → ${got.status} ${got.text}`);
      return got.body;
    },
    look: () => look(`${box.base}/api/v1/events`, headers),
  };
  return person;
}

async function look(url: string, headers: Record<string, string>): Promise<{ told: Told[]; close(): void }> {
  const end = new AbortController();
  const told: Told[] = [];
  const answer = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal: end.signal });
  if (answer.status !== 200 || !answer.body) throw new Error(`the stream was not opened: ${answer.status}`);
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      told.push(...blocks.flatMap(readBlock));
    }
  };
  // Ended by us, or by a server that stops: what was told until then is what the test looks at.
  void read(answer.body).catch(() => undefined);
  return { told, close: () => end.abort() };
}

function readBlock(block: string): Told[] {
  const lines = new Map(block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w+: /, '')]));
  const data = lines.get('data');
  if (data === undefined) return [];
  return [{ event: lines.get('event') ?? 'message', id: lines.get('id') ?? null, data: JSON.parse(data) }];
}
