// One URL for each server of a database's URL.
import { expect, it } from 'vitest';
import { urlsOf } from './hosts.ts';

it.each([
  ['postgres://u:p@h/db', ['postgres://u:p@h/db']],
  ['postgres:///db?host=/run/postgresql', ['postgres:///db?host=/run/postgresql']],
  [
    'postgres://u:p,w@h1:5432,h2:5433/db?target_session_attrs=read-write',
    ['postgres://u:p,w@h1:5432/db', 'postgres://u:p,w@h2:5433/db'],
  ],
  [
    'postgresql://h1,[::1]:5433/db?sslmode=require&target_session_attrs=primary&options=-c%20a%3Db',
    [
      'postgresql://h1/db?sslmode=require&options=-c%20a%3Db',
      'postgresql://[::1]:5433/db?sslmode=require&options=-c%20a%3Db',
    ],
  ],
])('%s', (url, urls) => expect(urlsOf(url)).toEqual(urls));
