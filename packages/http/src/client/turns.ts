/** Lets at most so many at a time do what they came for, by name; the others wait in a row. */
export class Turns {
  readonly #max: number;
  readonly #busy: Map<string, number> = new Map();
  readonly #waiting: Map<string, (() => void)[]> = new Map();

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns when it is one's turn. What it gives back ends the turn; a second call does nothing. */
  async take(name: string): Promise<() => void> {
    const busy = this.#busy.get(name) ?? 0;
    if (busy >= this.#max) await this.#wait(name);
    else this.#busy.set(name, busy + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#pass(name);
    };
  }

  #wait(name: string): Promise<void> {
    return new Promise((resolve) => {
      const row = this.#waiting.get(name);
      if (row === undefined) this.#waiting.set(name, [resolve]);
      else row.push(resolve);
    });
  }

  #pass(name: string): void {
    const next = this.#waiting.get(name)?.shift();
    // a turn that is handed on stays counted
    if (next !== undefined) next();
    else this.#busy.set(name, (this.#busy.get(name) ?? 1) - 1);
  }
}
