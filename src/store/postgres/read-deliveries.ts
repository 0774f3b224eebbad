// Lists of deliveries, newest or oldest first, and their counting by filter. Here `parked` is derived: pending or
// retrying while the target is a bot or desk that is not active.
// Not here: pages for lanes (lanes.ts). The one thing to know: where several targets are meant, each is walked by itself, in
// the order of its index, and they are merged, because a million parked ones must not be sorted.
import type { DeliveryFilter, DeliveryRow, Page, PageAsk } from '../../engine/store-port.ts';
import type { Attempt, Delivery, DeliveryStatus, Id, Message, Target } from '../../routing/model.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import { isOpen, readDelivery } from '../rows/delivery.ts';
import type { HealthView } from '../rows/health.ts';
import { bare, readMessage } from '../rows/message.ts';
import type { Row } from '../rows/row.ts';
import { DELIVERY_FIELDS, MESSAGE_FIELDS } from './fields.ts';
import type { Ask } from './reader.ts';
import { type Sum, sums } from './sums.ts';
import { Where } from './where.ts';

export type ShowDelivery = (delivery: Delivery) => DeliveryRow;

const NEWEST = Number.MAX_SAFE_INTEGER;
/** A clock that was set back may have left rows out of order by this much. */
const CLOCK_SLACK_MS = 3_600_000;
const OPEN = "d.status IN ('pending', 'retrying')";
const SETTLED = "d.status IN ('dead', 'held', 'cancelled')";
const isSettled = (status: DeliveryStatus): boolean => status === 'dead' || status === 'held' || status === 'cancelled';
const ofOpenTargets = ({ status }: DeliveryFilter): boolean =>
  status === 'pending' || status === 'retrying' || status === 'parked';

/** Of a kind of targets, by the targets of that kind: there may be few of them, and many of another. */
const ofKind = ({ targetType, targetId, status }: DeliveryFilter): boolean =>
  targetType !== undefined && targetId === undefined && (status === undefined || status === 'delivered');

/** A delivery and its tries, first to last: of one statement, so that a try that ended is never beside a status from before it. */
export const TRIED_FIELDS = `${DELIVERY_FIELDS}, ARRAY (SELECT a.doc FROM attempts a
  WHERE a.thread_id = d.thread_id AND a.delivery_id = d.id ORDER BY a.n) AS tries`;

export function readTried(row: Row): { delivery: Delivery; attempts: Attempt[] } {
  const delivery = readDelivery(row);
  const { id: deliveryId, threadId } = delivery;
  const attempts = (row.tries as string[]).map((doc) => ({ ...JSON.parse(doc), deliveryId, threadId }) as Attempt);
  return { delivery, attempts };
}

export class DeliveryReads {
  readonly #ask: Ask;
  readonly #health: HealthView;

  constructor(ask: Ask, health: HealthView) {
    this.#ask = ask;
    this.#health = health;
  }

  /** A delivery as it is shown. */
  shown: ShowDelivery = (delivery) => {
    const parked = isOpen(delivery.status) && !this.#health.isActive(delivery.target);
    return parked ? { ...delivery, status: 'parked' } : delivery;
  };

  async list(ask: PageAsk & DeliveryFilter & { oldestFirst?: boolean }): Promise<Page<DeliveryRow>> {
    const limit = pageLimit(ask);
    const [beyond, order] = ask.oldestFirst ? ['>', 'ASC'] : ['<', 'DESC'];
    const where = await this.#filter(ask);
    where.and(`d.ord ${beyond} ?`, readCursor(ask.after, ask.oldestFirst ? 0 : NEWEST));
    const from = await this.#from(ask, where, (sources) => `${sources} ORDER BY d.ord ${order} LIMIT ${limit + 1}`);
    const rows = await this.#ask(
      `SELECT ${DELIVERY_FIELDS} FROM ${from} ORDER BY d.ord ${order} LIMIT ${limit + 1}`,
      where.values,
    );
    return page(
      rows,
      limit,
      (row) => Number(row.ord),
      (row) => this.shown(readDelivery(row)),
    );
  }

  async count(filter: DeliveryFilter): Promise<number> {
    const { threadId, conversationId, messageId, since, until } = filter;
    if ((threadId ?? conversationId ?? messageId ?? since ?? until) === undefined) {
      return (await this.#sums(filter)).reduce((sum, { n }) => sum + n, 0);
    }
    const where = await this.#filter(filter);
    const from = await this.#from(filter, where, (sources) => sources);
    const [row] = await this.#ask(`SELECT count(*) AS n FROM ${from}`, where.values);
    return Number(row?.n ?? 0);
  }

  async delivery(id: Id): Promise<{ delivery: DeliveryRow; attempts: Attempt[]; message: Message | null } | null> {
    const [row] = await this.#ask(`SELECT ${TRIED_FIELDS} FROM deliveries d WHERE d.id = $1`, [id]);
    if (row === undefined) return null;
    const { delivery, attempts } = readTried(row);
    const sql = `SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.id = $1`;
    const [said] = delivery.messageId === null ? [] : await this.#ask(sql, [delivery.messageId]);
    return { delivery: this.shown(delivery), attempts, message: said ? bare(readMessage(said)) : null };
  }

  /** All rows that fit, where need be target by target. `one` ends the asking of each. */
  async #from(filter: DeliveryFilter, where: Where, one: (sources: string) => string): Promise<string> {
    const open = ofOpenTargets(filter);
    if (inThread(filter) || !(open || ofKind(filter))) return `(SELECT * FROM deliveries d ${where.sql}) d`;
    const targets = new Map((await this.#sums(filter)).map(({ target }) => [`${target.type} ${target.id}`, target]));
    const of = [...targets.values()];
    const [types, ids] = [where.value(of.map(({ type }) => type)), where.value(of.map(({ id }) => id))];
    where.and(`d.target_type = k.type AND d.target_id = k.id${open ? ' AND d.lane = l.lane' : ''}`);
    const lanes = open ? "CROSS JOIN unnest(ARRAY['main', 'receipt']) AS l (lane)" : '';
    return `unnest(${types}::text[], ${ids}::text[]) AS k (type, id) ${lanes}
      CROSS JOIN LATERAL (${one(`SELECT * FROM deliveries d ${where.sql}`)}) d`;
  }

  async #filter(filter: DeliveryFilter): Promise<Where> {
    const where = new Where().equals('d.thread_id', filter.threadId);
    const { messageId, conversationId } = filter;
    if (messageId !== undefined) {
      where.and(
        'd.thread_id = (SELECT thread_id FROM messages WHERE id = ?) AND d.message_id = ?',
        messageId,
        messageId,
      );
    }
    if (conversationId !== undefined) {
      where.and('d.thread_id = (SELECT thread_id FROM conversations WHERE id = ?)', conversationId);
      where.and('d.conversation_id = ?', conversationId);
    }
    this.#status(where, filter);
    where.equals('d.target_id', filter.targetId).equals('d.target_type', filter.targetType);
    if (filter.since !== undefined) {
      where.and('d.ord >= ? AND d.created_at >= ?', await this.#ordAt(filter.since - CLOCK_SLACK_MS), filter.since);
    }
    if (filter.until !== undefined) {
      where.and('d.ord <= ? AND d.created_at <= ?', await this.#ordAt(filter.until + CLOCK_SLACK_MS), filter.until);
    }
    return where;
  }

  /** The literals beside the value, so that the indexes of the open and of the settled are used. */
  #status(where: Where, { status }: DeliveryFilter): void {
    if (status === undefined) return;
    if (status !== 'parked') where.and('d.status = ?', status);
    if (isSettled(status)) where.and(SETTLED);
    if (status === 'delivered' || isSettled(status)) return;
    const reachable = "(d.target_type IN ('asset', 'url') OR d.target_id = ANY(?))";
    where.and(`${OPEN} AND ${status === 'parked' ? 'NOT ' : ''}${reachable}`, this.#health.activeIds());
  }

  /** The kept sums that a filter by status and target asks for: per target and stored status. */
  async #sums({ status, targetId, targetType }: DeliveryFilter): Promise<Sum[]> {
    return (await sums(this.#ask)).filter(({ target, status: stored }) => {
      if (targetId !== undefined && target.id !== targetId) return false;
      if (targetType !== undefined && target.type !== targetType) return false;
      if (status === undefined || !isOpen(stored)) return status === undefined || stored === status;
      return this.#isActive(target) ? stored === status : status === 'parked';
    });
  }

  #isActive(target: Target): boolean {
    return this.#health.isActive(target);
  }

  /** About the first delivery made at or after an instant: rows are appended in time, so halving finds it. */
  async #ordAt(at: number): Promise<number> {
    const next = 'SELECT ord, created_at FROM deliveries WHERE ord >= $1 ORDER BY ord LIMIT 1';
    const [journal] = await this.#ask('SELECT last FROM journal');
    let low = 0;
    let high = Number(journal?.last ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [row] = await this.#ask(next, [middle]);
      if (row === undefined || Number(row.created_at) >= at) high = middle;
      else low = Number(row.ord) + 1;
    }
    return low;
  }
}

const inThread = ({ threadId, messageId, conversationId }: DeliveryFilter): boolean =>
  (threadId ?? messageId ?? conversationId) !== undefined;
