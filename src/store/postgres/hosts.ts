// The servers that a database's URL names: one, or several by comma, of which one takes writes.
// Not here: what is wrong with a URL (src/settings) and the trying of them (connection.ts).
// The one thing to know: pg knows one host to a URL, so each gets a URL of its own; what was asked by
// target_session_attrs is always so, because whoever cannot write is of no use to us.

const AUTHORITY = /^([^:/?#]+:\/\/)([^/?#]*@)?([^/?#]*)([^#]*)/;

/** A URL for each host, in their order. */
export function urlsOf(url: string): string[] {
  const [, scheme = '', user = '', hosts = '', rest = ''] = AUTHORITY.exec(url) ?? [];
  const [path = '', query = ''] = rest.split(/\?(.*)/s);
  const asked = query.split('&').filter((each) => each !== '' && !each.startsWith('target_session_attrs='));
  const after = asked.length > 0 ? `${path}?${asked.join('&')}` : path;
  return hosts.split(',').map((host) => `${scheme}${user}${host}${after}`);
}
