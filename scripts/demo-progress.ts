// Says what is going on: a bar that redraws itself on a terminal, a line at each quarter anywhere else.
import type { WriteStream } from 'node:tty';

const BAR_WIDTH = 30;

export interface Progress {
  /** Prints the title, then its time once `work` is done. */
  step<T>(title: string, work: () => T): T;
  bar(title: string, done: number, total: number): void;
  /** Leaves the cursor on a line of its own. */
  end(): void;
}

export function createProgress(out: Pick<WriteStream, 'write' | 'isTTY'>): Progress {
  let open = false;

  const end = () => {
    if (open) out.write('\n');
    open = false;
  };

  const line = (text: string) => {
    if (out.isTTY) out.write(`\r\x1b[K${text}`);
    else out.write(text);
    open = true;
  };

  return {
    end,
    step(title, work) {
      end();
      line(`${title} …`);
      const started = performance.now();
      const done = () => {
        const time = ` ${((performance.now() - started) / 1000).toFixed(1)} s`;
        out.write(time);
        end();
      };
      const result = work();
      if (result instanceof Promise) result.then(done, () => {});
      else done();
      return result;
    },
    bar(title, done, total) {
      if (out.isTTY) {
        const filled = Math.round((done / total) * BAR_WIDTH);
        line(`${title} ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done}/${total}`);
      } else {
        const quarter = (n: number) => Math.floor((n * 4) / total);
        if (done !== 1 && quarter(done) === quarter(done - 1)) return;
        line(`${title} ${done}/${total}`);
      }
      if (!out.isTTY || done === total) end();
    },
  };
}
