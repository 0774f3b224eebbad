// What a route is: its address, what it takes, what it answers, and the function that does it. Types and one builder.
// Not here: who may use it (access.ts) and the steps around the function (pipeline.ts).
// The one thing to know: a handler gets values that were checked already and answers with a value; it throws only for
// mistakes of ours. It may be run again when a configuration changed under it, so it reads what it needs itself.

import type { IncomingMessage } from 'node:http';
import type { z } from '@hono/zod-openapi';
import type { Answer } from './answers.ts';
import type { Principal } from './keys.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Params<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & Params<Rest>
  : unknown;

export type Call<P = Record<string, string>, Q = unknown, B = unknown> = {
  params: P;
  query: Q;
  body: B;
  principal: Principal;
  requestId: string;
  /** for what is not JSON: Accept, Last-Event-ID */
  incoming: IncomingMessage;
};

/** What is answered when it goes well, by status; refusals are the same everywhere. `orStream`: or as live events. */
export type Answers = Record<number, { description: string; schema?: z.ZodType; orStream?: true }>;

export type Route = {
  method: Method;
  path: string;
  /** the operation's name in the OpenAPI document */
  name: string;
  section: string;
  summary: string;
  description?: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** the body may be left out: it is then `{}` */
  bodyOptional?: boolean;
  /** the body is a file, which the handler reads; so it must look after the Idempotency-Key, by `keyed` */
  takesFile?: true;
  answers: Answers;
  handle(call: Call): Promise<Answer> | Answer;
};

/** Builds a route whose handler knows the types of its parameters, query and body. */
export function route<const P extends string, Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodType>(
  definition: Omit<Route, 'path' | 'query' | 'body' | 'handle'> & {
    path: P;
    query?: Q;
    body?: B;
    handle(call: Call<Params<P>, z.output<Q>, z.output<B>>): Promise<Answer> | Answer;
  },
): Route {
  return definition as unknown as Route;
}
