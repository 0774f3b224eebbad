// The channels that this server speaks, as it describes them: what each asks for, what it can do, what is done by hand.
// Not here: showing them. The one thing to know: the fields and their help come from the server, in the providers' own
// words, so that a channel added there needs nothing here.
import { useGet } from '../../api/query.ts';
import type { Channel, Page } from '../../api/types.ts';

/** The channels with a provider behind them; `undefined` while they are read. */
export const useProviders = (enabled = true): Channel[] | undefined =>
  useGet<Page<Channel>>('/channels', { enabled }).data?.data.filter(({ fields }) => fields.length > 0);
