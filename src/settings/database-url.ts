// What is wrong with the URL of a PostgreSQL, which may name several servers: postgres://user:password@one,two:5433/name.
// Not here: connecting to them (src/store/postgres/hosts.ts).
// The one thing to know: the sentence never has the URL, which holds a password.

const SHAPE = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s;
/** What a list of servers may be asked for. It is always so: a server that cannot write is of no use to us. */
const WRITING = ['read-write', 'primary'];
/** More than anybody runs; each may cost two seconds at every connecting. */
const HOSTS_MAX = 10;

/** Null: it can be tried. */
export function databaseUrlProblem(text: string): string | null {
  const found = SHAPE.exec(text);
  const looksLike = 'must look like postgres://user:password@host/database';
  if (found === null) return looksLike;
  const [, scheme = '', user = '', list = '', rest = ''] = found;
  const hosts = list.split(',');
  if (hosts.length > HOSTS_MAX) return `has more than ${HOSTS_MAX} hosts`;
  if (hosts.length > 1 && hosts.some((host) => host === '' || host.startsWith(':')))
    return 'has a host without a name in its list: write host1:5432,host2:5432';
  if (hosts.some((host) => !URL.canParse(`${scheme}${user}${host}${rest}`))) {
    return hosts.length > 1 ? 'has a wrong host or port in its list: write host1:5432,host2:5432' : looksLike;
  }
  const asked = new URL(`${scheme}${rest.startsWith('/') ? rest : `/${rest}`}`).searchParams.getAll(
    'target_session_attrs',
  );
  if (asked.some((each) => !WRITING.includes(each))) return 'asks for target_session_attrs other than read-write';
  return null;
}
