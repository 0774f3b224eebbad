// The table `health`, and the view that decisions have of it (rows/health.ts); and of which version the document is by then.
// Not here: when health changes (a decision says so). The one thing to know: memory equals the table as of the running
// transaction; after a rollback it is read anew.
import type { Health } from '../../routing/model.ts';
import { HealthView, readHealth } from '../rows/health.ts';
import type { Database, Statement } from './driver.ts';

export class HealthBook extends HealthView {
  readonly #all: Statement;
  readonly #save: Statement;
  readonly #drop: Statement;
  readonly #document: Statement;

  constructor(db: Database, now: () => number) {
    super(now);
    this.#all = db.prepare('SELECT id, status, failures, generation, reason, since FROM health');
    this.#save = db.prepare(
      'INSERT OR REPLACE INTO health (id, status, failures, generation, reason, since) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#drop = db.prepare('DELETE FROM health WHERE id = ?');
    this.#document = db.prepare("SELECT version FROM config WHERE kind IN ('bot', 'desk') AND id = ?");
    this.reload();
  }

  save(health: Health): void {
    const { id, status, failures, generation, reason, since } = health;
    this.#save.run(id, status, failures, generation, reason, since);
    this.set(health);
  }

  drop(id: string): void {
    this.#drop.run(id);
    this.unset(id);
  }

  /** The version of the document of a bot or desk; null: there is none. */
  version(id: string): number | null {
    const row = this.#document.get(id);
    return row ? Number(row.version) : null;
  }

  /** Reads everything anew: at the start and after a rollback. */
  reload(): void {
    this.replace(this.#all.all().map(readHealth));
  }
}
