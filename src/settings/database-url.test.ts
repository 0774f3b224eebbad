// Which URLs of a PostgreSQL are taken, and what is said of the others.
import { expect, it } from 'vitest';
import { databaseUrlProblem } from './database-url.ts';

it.each([
  'postgres://user:password@host/database',
  'postgresql://host:5433/database?sslmode=verify-full',
  'postgres:///database?host=/var/run/postgresql',
  'postgres://user:pass,word@one:5432,two:5433/database?target_session_attrs=read-write',
  'postgres://user@one,two,[2001:db8::1]:5432/database?sslmode=require&target_session_attrs=primary',
])('takes %s', (url) => expect(databaseUrlProblem(url)).toBeNull());

it.each([
  ['', /must look like/],
  ['mysql://user:secret@host/database', /must look like/],
  ['postgres://user:secret@host:70000/database', /must look like/],
  ['postgres://user:secret@one:5432,two:70000/database', /a wrong host or port in its list/],
  ['postgres://user:secret@one,two words/database', /a wrong host or port in its list/],
  ['postgres://user:secret@one,/database', /a host without a name/],
  ['postgres://user:secret@one,:5433/database', /a host without a name/],
  ['postgres://user:secret@one,two/database?target_session_attrs=any', /target_session_attrs other than read-write/],
  [`postgres://user:secret@${'one,'.repeat(10)}two/database`, /more than 10 hosts/],
])('refuses %s', (url, sentence) => {
  const problem = databaseUrlProblem(url);
  expect(problem).toMatch(sentence);
  expect(problem).not.toContain('secret');
});
