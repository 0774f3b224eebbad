// A few of what a door needs to be asked at all (an open conversation, a customer's session), made anew when they are used up.
// Not here: what they are. The one thing to know: the making is done by whoever asks next, one at a time.
export class Pool<T> {
  readonly #make: () => Promise<T>;
  readonly #size: number;
  #there: T[] = [];
  #making: Promise<void> | undefined;

  constructor(make: () => Promise<T>, size: number) {
    this.#make = make;
    this.#size = size;
  }

  async one(pick: (from: readonly T[]) => T): Promise<T> {
    if (this.#there.length < this.#size) {
      this.#making ??= this.#more();
      await this.#making;
    }
    return pick(this.#there);
  }

  over(used: T): void {
    // The last one is kept until there is another: somebody may be picking.
    if (this.#there.length > 1) this.#there = this.#there.filter((each) => each !== used);
  }

  async #more(): Promise<void> {
    try {
      this.#there = [...this.#there, await this.#make()];
    } finally {
      this.#making = undefined;
    }
  }
}
