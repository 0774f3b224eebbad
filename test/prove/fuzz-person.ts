// People who sign in, as the routes of the session see them: invited, signed in, with another password, signed out; each
// request as it should be or made hostile (bend.ts).
// Not here: what sessions are worth (test/flows/sign-in.test.ts). The one thing to know: one person does one thing at a time,
// so that it is known what must still be true after a refusal: their session lives, and their password is theirs.
import type { Box } from '../parties/box.ts';
import { type Answer, call, parsed } from '../parties/call.ts';
import type { Bender } from './bend.ts';
import { anyAddress, type Headers } from './fuzz-doors.ts';
import { jsonOf } from './parsers-reader.ts';

/** '' or what must not be, beside what holds of every answer. */
type Seen = (answer: Answer) => string | Promise<string>;
export type Step = { name: string; method: string; url: string; headers: Headers; body?: Buffer; seen: Seen };

/** Wrong passwords of one account are counted: then somebody else comes. */
const STEPS_MAX = 50;
/** The share that is as it should be: else nobody would ever be signed in. */
const GOOD = 0.3;
const PASSWORD = 'correct horse battery';

export class Person {
  readonly #box: Box;
  readonly #bender: Bender;
  readonly #spared: Set<string>;
  #count = 0;
  #steps = STEPS_MAX;
  #email = '';
  #password = PASSWORD;
  #link = '';
  #cookie = '';

  constructor(box: Box, bender: Bender, spared: Set<string>) {
    this.#box = box;
    this.#bender = bender;
    this.#spared = spared;
  }

  async step(): Promise<Step> {
    this.#steps += 1;
    if (this.#steps > STEPS_MAX) await this.#another();
    if (this.#link !== '') return this.#bender.one(0.3) ? this.#look() : this.#redeem();
    if (this.#cookie === '') return this.#signIn();
    const ways = [this.#who, this.#who, this.#change, this.#change, this.#signIn, this.#signOut];
    return this.#bender.pick(ways).call(this);
  }

  async #another(): Promise<void> {
    this.#count += 1;
    const email = `fuzz-${this.#count}@example.com`;
    const { id } = await this.#box.must('POST', '/users', { name: 'Ada', email, role: 'agent' });
    this.#spared.add(id);
    const { url } = await this.#box.must('POST', `/users/${id}/invitation`);
    this.#link = new URL(url).hash.replace('#token=', '');
    [this.#steps, this.#email, this.#password, this.#cookie] = [0, email, PASSWORD, ''];
  }

  #redeem(): Step {
    const body = { token: this.#link, password: PASSWORD };
    return this.#ask('POST', '/session/link', body, (answer, sent) => {
      if (answer.status >= 300) return '';
      this.#link = '';
      this.#began(answer, parsed(sent.toString('utf8'))?.password);
      return '';
    });
  }

  #signIn(): Step {
    const body = { email: this.#email, password: this.#password };
    return this.#ask('POST', '/session', body, (answer, _, good) => {
      if (answer.status < 300) this.#began(answer, this.#password);
      return good && answer.status >= 300 ? 'the right password does not sign in' : '';
    });
  }

  #change(): Step {
    const body = { current: this.#password, password: `${PASSWORD} ${this.#bender.below(1e6)}` };
    return this.#ask('PUT', '/session/password', body, async (answer, sent, good) => {
      if (answer.status < 300) {
        this.#began(answer, parsed(sent.toString('utf8'))?.password);
        return '';
      }
      if (good) return 'the right password does not give another';
      const { status } = await call('GET', `${this.#box.base}/api/v1/session`, { headers: this.#headers() });
      return status === 200 ? '' : `a refused change of the password ended the session: ${status}`;
    });
  }

  #look(): Step {
    return this.#read('/session/link', 'authorization', `Bearer ${this.#link}`);
  }

  #who(): Step {
    return this.#read('/session', 'cookie', this.#cookie);
  }

  #read(path: string, header: string, word: string): Step {
    const given = this.#bender.one(GOOD) ? word : written(this.#bender.text(word));
    const seen = ({ status }: Answer): string =>
      given === word && status !== 200 ? `the right ${header} is refused with ${status}` : '';
    const from = { 'x-forwarded-for': anyAddress(this.#bender), [header]: given };
    return { name: `GET ${path}`, method: 'GET', url: `${this.#box.base}/api/v1${path}`, headers: from, seen };
  }

  #signOut(): Step {
    return this.#ask('DELETE', '/session', undefined, ({ status }) => {
      if (status >= 300) return `it signs nobody out: ${status}`;
      this.#cookie = '';
      return '';
    });
  }

  #began({ headers }: Answer, password: unknown): void {
    this.#cookie = (headers['set-cookie'] ?? '').split(';')[0] ?? '';
    // What no store can hold is kept as something else: that is nobody's to know.
    if (typeof password === 'string' && !/[\p{Cs}\0]/u.test(password)) this.#password = password;
    else this.#steps = STEPS_MAX;
  }

  #headers(): Headers {
    const cookie: Headers = this.#cookie === '' ? {} : { cookie: this.#cookie };
    return { origin: this.#box.base, 'x-forwarded-for': anyAddress(this.#bender), ...cookie };
  }

  #ask(
    method: string,
    path: string,
    body: unknown,
    seen: (answer: Answer, sent: Buffer, good: boolean) => string | Promise<string>,
  ): Step {
    const good = this.#bender.one(GOOD);
    const right = jsonOf(body ?? null);
    const sent = good ? right : this.#bender.bent(right, 'json');
    return {
      ...{ name: `${method} ${path}`, method, url: `${this.#box.base}/api/v1${path}` },
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: sent }),
      seen: (answer) => seen(answer, sent, good),
    };
  }
}

/** What a header can carry at all; 16 KiB are too many for all of them. */
const written = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 20_000) || '-';
