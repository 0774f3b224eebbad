// A Direct Line client: Microsoft's own library, as it comes, in Node. And the same wire by hand, for what it cannot do.
// Not here: a browser. The one thing to know: the library wants XMLHttpRequest and WebSocket, which Node has not or has
// otherwise; what stands here instead only carries requests.
import type { Activity, ConnectionStatus, DirectLine as Library, Message } from 'botframework-directlinejs';
import { WebSocket } from 'ws';
import { type Answer, type Asked, call, type Loose } from './call.ts';

/** What rxjs asks of one, over fetch. */
class Requested {
  readyState = 0;
  status = 0;
  statusText = '';
  response: unknown = null;
  responseType = '';
  timeout = 0;
  withCredentials = false;
  onreadystatechange: ((event: unknown) => void) | null = null;
  ontimeout: ((event: unknown) => void) | null = null;
  readonly upload = {};
  readonly #ends = new AbortController();
  readonly #headers: Record<string, string> = {};
  #method = '';
  #url = '';

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
    this.readyState = 1;
  }
  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }
  getAllResponseHeaders(): string {
    return '';
  }
  abort(): void {
    this.#ends.abort();
  }
  send(body?: string | FormData): void {
    void this.#send(body).finally(() => {
      this.readyState = 4;
      if (!this.#ends.signal.aborted) this.onreadystatechange?.({});
    });
  }
  async #send(body: string | FormData | undefined): Promise<void> {
    try {
      const init = { method: this.#method, headers: this.#headers, signal: this.#ends.signal };
      const answer = await fetch(this.#url, body === undefined ? init : { ...init, body });
      this.status = answer.status;
      if (this.responseType === 'arraybuffer') this.response = await answer.arrayBuffer();
      else this.response = JSON.parse((await answer.text()) || 'null');
    } catch {
      // as a browser tells it: no status
    }
  }
}

export type Client = {
  library: Library;
  seen: Activity[];
  /** how the connection stands, as the library tells it */
  status(): ConnectionStatus;
  /** posts, and gives the id that the server gave to it; `retry`: the library says to try again */
  post(activity: Loose): Promise<string>;
  says(text: string, more?: Loose): Promise<string>;
  /** texts of what others said, as they came */
  words(): string[];
  end(): void;
};

type Options = { token?: string; secret?: string; conversationId?: string; watermark?: string; webSocket?: boolean };

/** Connects as soon as it is made. */
export async function directLine(base: string, options: Options, user = 'browser-user'): Promise<Client> {
  const root = globalThis as { XMLHttpRequest?: unknown; WebSocket?: unknown };
  root.XMLHttpRequest ??= Requested;
  root.WebSocket ??= WebSocket;
  const { DirectLine } = await import('botframework-directlinejs');
  const library = new DirectLine({
    pollingInterval: 200,
    random: () => 0,
    ...options,
    domain: `${base}/v3/directline`,
  });
  const seen: Activity[] = [];
  const subscription = library.activity$.subscribe((activity) => seen.push(activity));
  let status: ConnectionStatus = 0;
  library.connectionStatus$.subscribe((now) => {
    status = now;
  });
  const client: Client = {
    library,
    seen,
    status: () => status,
    post: (activity) => library.postActivity({ from: { id: user, name: 'Ada' }, ...activity }).toPromise(),
    says: (text, more = {}) => client.post({ type: 'message', text, ...more }),
    words: () =>
      seen
        .filter((each): each is Message => each.type === 'message' && each.from.role === 'bot')
        .map(({ text }) => text ?? ''),
    end: () => {
      subscription.unsubscribe();
      library.end();
    },
  };
  return client;
}

/** One request to Direct Line, by hand. */
export const ask = (base: string, bearer: string, method: string, path: string, asked: Asked = {}): Promise<Answer> =>
  call(method, `${base}/v3/directline${path}`, {
    ...asked,
    headers: { ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }), ...asked.headers },
  });

export type Listening = { activities: Loose[]; sets: Loose[]; closed: Promise<number>; close(): void };

/** A stream by hand. Rejects with the status when it is refused. */
export function listen(url: string, headers: Record<string, string> = {}): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    const sets: Loose[] = [];
    const activities: Loose[] = [];
    const closed = new Promise<number>((over) => socket.once('close', over));
    socket.on('message', (data) => {
      const set = JSON.parse(data.toString());
      sets.push(set);
      activities.push(...set.activities);
    });
    socket.once('unexpected-response', (_, answer) => reject(new Error(`refused: ${answer.statusCode}`)));
    socket.on('error', reject);
    socket.once('open', () => resolve({ activities, sets, closed, close: () => socket.close() }));
  });
}
