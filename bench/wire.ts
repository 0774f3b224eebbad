// HTTP/1.1 on raw sockets, only as much as the mocks need, so that they cost little beside what is measured.
// Not here: anything a real client should do. The one thing to know: one request at a time per connection, kept alive.
import { connect, createServer, type Server, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const CRLF = Buffer.from('\r\n');

/** first line and headers as one text; `body` as text */
type Message = { head: string; body: string };

/** Length of a chunked body with its end, or -1 while it is not all there; the chunks are joined into `parts`. */
function readChunks(bytes: Buffer, from: number, parts: Buffer[]): number {
  for (let at = from; ; ) {
    const line = bytes.indexOf(CRLF, at);
    if (line < 0) return -1;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const next = line + 2 + size + 2;
    if (bytes.length < next) return -1;
    if (size === 0) return next;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}

/** Calls back for every whole message of a connection. */
function reader(take: (message: Message) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(HEAD_END);
      if (end < 0) return;
      const head = rest.toString('latin1', 0, end);
      const from = end + 4;
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) {
        const parts: Buffer[] = [];
        const until = readChunks(rest, from, parts);
        if (until < 0) return;
        rest = rest.subarray(until);
        take({ head, body: Buffer.concat(parts).toString() });
      } else {
        const until = from + Number(length ?? 0);
        if (rest.length < until) return;
        const body = rest.toString('utf8', from, until);
        rest = rest.subarray(until);
        take({ head, body });
      }
    }
  };
}

/** A server on a free port; `answer` gives the whole response for a request's path and body. */
export function serve(answer: (path: string, body: string) => string): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on(
      'data',
      reader(({ head, body }) => {
        const start = head.indexOf(' ') + 1;
        socket.write(answer(head.slice(start, head.indexOf(' ', start)), body));
      }),
    );
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address ? address.port : 0, server });
    });
  });
}

export function response(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

type Waiting = { bytes: string; done: (status: number, body: string) => void };
export type Client = {
  /** `headers`: of this request alone, each with its line's end */
  post(body: string, done: (status: number, body: string) => void, headers?: string): void;
  close(): void;
};

/** Posts JSON to one URL over `size` connections; status 0: the connection broke. */
export function client(url: string, size: number, headers: Record<string, string> = {}): Client {
  const { hostname, port, pathname } = new URL(url);
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n${extra.join('')}content-length: `;
  const idle: Socket[] = [];
  const queue: Waiting[] = [];
  const all = new Set<Socket>();
  const busy = new Map<Socket, Waiting>();
  let closed = false;

  function give(socket: Socket): void {
    const next = queue.shift();
    if (next === undefined) return void idle.push(socket);
    busy.set(socket, next);
    socket.write(next.bytes);
  }
  function forget(socket: Socket): void {
    const at = idle.indexOf(socket);
    if (at >= 0) idle.splice(at, 1);
  }
  function open(): void {
    const socket = connect(Number(port), hostname, () => give(socket));
    all.add(socket);
    socket.setNoDelay(true);
    socket.on(
      'data',
      reader(({ head, body }) => {
        const asked = busy.get(socket);
        busy.delete(socket);
        // Word that nobody asked for (408 on an idle connection) is the connection's last.
        if (asked === undefined) return void socket.destroy();
        give(socket);
        asked.done(Number(head.slice(9, 12)), body);
      }),
    );
    socket.on('end', () => forget(socket));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      all.delete(socket);
      forget(socket);
      busy.get(socket)?.done(0, '');
      busy.delete(socket);
      if (!closed) setTimeout(open, 20);
    });
  }
  for (let count = 0; count < size; count++) open();
  return {
    post(body, done, headers = '') {
      const waiting = { bytes: `${start}${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`, done };
      const socket = idle.pop();
      if (socket === undefined) return void queue.push(waiting);
      busy.set(socket, waiting);
      socket.write(waiting.bytes);
    },
    close() {
      closed = true;
      for (const socket of all) socket.destroy();
    },
  };
}
