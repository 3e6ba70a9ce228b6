// Says what was lost: each kind at once, then the sum of a minute, and at the end all that is left. The numbers of all
// lines add up to all that was lost.
import { countOf } from './line.ts';
import { rank } from './line-budget.ts';

/** Why a destination did not take something, in words. */
export interface FailureWords {
  code: string;
  what: string;
  fix: string;
}

export interface LossWords {
  why?: string;
  /** Left out if it has just been said. */
  failure?: FailureWords | undefined;
  fix?: string | undefined;
}

/** One kind of loss. */
interface Loss {
  saidAt: number;
  /** Lost since then. */
  unsaid: number;
  words: LossWords;
}

export interface LossLinesOptions {
  /** Prints a line, and returns whether there was room for it. */
  say: (text: string, most: number) => boolean;
  now: () => number;
  repeatMs: number;
  /** Kinds are told apart up to that number. */
  mostKinds: number;
}

export class LossLines {
  readonly #options: LossLinesOptions;
  readonly #losses = new Map<string, Loss>();
  #unsaid = 0;
  #lastCause = { what: '', saidAt: Number.NEGATIVE_INFINITY };

  constructor(options: LossLinesOptions) {
    this.#options = options;
  }

  /** Returns whether it has been said now. */
  lose(kind: string, spans: number, words: LossWords): boolean {
    const key = this.#losses.has(kind) || this.#losses.size < this.#options.mostKinds ? kind : 'others';
    const loss = this.#losses.get(key) ?? { saidAt: Number.NEGATIVE_INFINITY, unsaid: 0, words };
    this.#losses.set(key, loss);
    loss.unsaid += spans;
    this.#unsaid += spans;
    loss.words = words;
    return this.#isDue(loss) && this.#say(loss, rank.loss);
  }

  /** Says what a limit has kept back and does not any more. To be called with every event. */
  catchUp(): void {
    if (this.#unsaid === 0) return;
    for (const loss of this.#losses.values()) if (loss.unsaid > 0 && this.#isDue(loss)) this.#say(loss, rank.loss);
  }

  /** Says everything, the most first; what there is no room to explain is a number. */
  end(): void {
    const rest = [...this.#losses.values()].filter(({ unsaid }) => unsaid > 0).sort((a, b) => b.unsaid - a.unsaid);
    for (const loss of rest) this.#say(loss, rank.last);
    if (this.#unsaid === 0) return;
    this.#options.say(`lost ${countOf(this.#unsaid, 'more span')} for other reasons.`, Number.POSITIVE_INFINITY);
    for (const loss of rest) loss.unsaid = 0;
    this.#unsaid = 0;
  }

  /** A cause that a line has told need not be told again by the next. */
  told(failure: FailureWords): void {
    this.#lastCause = { what: failure.what, saidAt: this.#options.now() };
  }

  #isDue(loss: Loss): boolean {
    return this.#options.now() - loss.saidAt >= this.#options.repeatMs;
  }

  #say(loss: Loss, most: number): boolean {
    const { why, failure, fix } = loss.words;
    const noun = loss.saidAt > Number.NEGATIVE_INFINITY ? 'more span' : 'span';
    const fresh = failure && !(why && this.#isTold(failure));
    const clauses = [why, fresh && failure.what].filter(Boolean).join('; ');
    const text = [`${clauses}.`, fresh && failure.fix, fix].filter(Boolean).join(' ');
    if (!this.#options.say(`lost ${countOf(loss.unsaid, noun)}: ${text}`, most)) return false;
    if (fresh) this.told(failure);
    loss.saidAt = this.#options.now();
    this.#unsaid -= loss.unsaid;
    loss.unsaid = 0;
    return true;
  }

  #isTold({ what }: FailureWords): boolean {
    return what === this.#lastCause.what && this.#options.now() - this.#lastCause.saidAt < this.#options.repeatMs;
  }
}
