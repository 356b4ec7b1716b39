import { describe, expect, it } from 'vitest';
import { seededRandom } from '../snapshot/test-tree.ts';
import { WatchRules, watchTimes, type Seen, type WatchAction, type WhileRunning } from './rules.ts';

/** A world with a clock of its own: files that change, looks and runs that take their time. */
class World {
  now = 0;
  /** What the files hold; the test changes it. */
  content = 'a';
  wrong: string[] = [];
  gitLock = false;
  /** Whether a change is over at once, or files are being written for a while. */
  readonly log: string[] = [];
  readonly results: string[] = [];
  runs = 0;
  lookMs = () => 5;
  runMs = () => 1000;
  readonly #rules: WatchRules;
  #events: { readonly at: number; readonly order: number; readonly work: () => void }[] = [];
  #order = 0;
  #wake: object | undefined;
  #seen: Seen | undefined;
  #run: { readonly content: string; aborted: boolean } | undefined;

  constructor(whileRunning: WhileRunning = 'restart') {
    this.#rules = new WatchRules(whileRunning);
    this.#do(this.#rules.begin());
  }

  at(at: number, work: () => void): void {
    this.#events.push({ at, order: this.#order++, work });
  }

  /** The content changes, and the disk tells of it. */
  save(at: number, content: string): void {
    this.at(at, () => {
      this.content = content;
      this.#do(this.#rules.change(this.now));
    });
  }

  /** A change that leaves the content as it is: of a file that is not sent. */
  touch(at: number): void {
    this.at(at, () => this.#do(this.#rules.change(this.now)));
  }

  /** Lets everything happen until nothing more does, or until a time. */
  settle(until = Infinity): this {
    for (;;) {
      const next = this.#events.sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next || next.at > until) return this;
      this.#events.shift();
      this.now = Math.max(this.now, next.at);
      next.work();
    }
  }

  #do(actions: readonly WatchAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'wake': {
          const wake = {};
          this.#wake = wake;
          this.at(action.at, () => {
            if (this.#wake === wake) this.#do(this.#rules.tick(this.now, 'file'));
          });
          break;
        }
        case 'look': {
          const busy = this.gitLock && !action.evenIfBusy;
          const state = this.content;
          const wrong = this.wrong;
          this.at(this.now + this.lookMs(), () => {
            this.#seen = busy
              ? { kind: 'busy' }
              : wrong.length > 0
                ? { kind: 'wrong', reasons: wrong }
                : { kind: 'ready', state };
            this.#do(this.#rules.looked(this.now, this.#seen));
          });
          break;
        }
        case 'start': {
          if (this.#run) throw new Error('two runs at once');
          const run = { content: this.#seen?.kind === 'ready' ? this.#seen.state : '', aborted: false };
          this.#run = run;
          this.runs += 1;
          this.log.push(`${this.now} start ${run.content}`);
          this.at(this.now + this.runMs(), () => this.#end(run));
          break;
        }
        case 'abort': {
          const run = this.#run;
          if (!run || run.aborted) throw new Error('nothing to abort');
          run.aborted = true;
          this.log.push(`${this.now} abort`);
          this.at(this.now + 50, () => this.#end(run));
          break;
        }
        default:
          this.log.push(`${this.now} ${action.kind}${'reasons' in action ? ` ${action.reasons.join()}` : ''}`);
      }
    }
  }

  #end(run: { readonly content: string; readonly aborted: boolean }): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    if (!run.aborted) {
      this.results.push(run.content);
      this.log.push(`${this.now} result ${run.content}`);
    }
    this.#do(this.#rules.ended());
  }
}

describe('a change', () => {
  it('runs once, when files have been left alone', () => {
    const world = new World();
    world.settle();
    for (const at of [5000, 5100, 5300]) world.save(at, `at ${at}`);
    expect(world.settle().log).toEqual(['5 start a', '1005 result a', '5555 start at 5300', '6555 result at 5300']);
  });

  it('that is taken back, or is of a file that is not sent, runs nothing', () => {
    const world = new World();
    world.settle();
    world.save(5000, 'b');
    world.save(5100, 'a');
    world.touch(7000);
    expect(world.settle().results).toEqual(['a']);
  });

  it('of many files over a time with no rest, as a checkout makes it, is one run', () => {
    const world = new World();
    world.settle();
    for (let file = 0; file < 3000; file += 1) world.save(5000 + file, `${file}`);
    expect(world.settle().results).toEqual(['a', '2999']);
    expect(world.runs).toBe(2);
  });

  it('waits for git, which writes files with pauses', () => {
    const world = new World();
    world.settle();
    world.at(4990, () => (world.gitLock = true));
    world.save(5000, 'half');
    world.save(6500, 'whole');
    world.at(6600, () => (world.gitLock = false));
    world.settle();
    expect(world.results).toEqual(['a', 'whole']);
    expect(world.runs).toBe(2);
  });

  it('does not wait for a git that was killed', () => {
    const world = new World();
    world.settle();
    world.at(4990, () => (world.gitLock = true));
    world.save(5000, 'b');
    world.settle();
    expect(world.results).toEqual(['a', 'b']);
    expect(world.now).toBeGreaterThanOrEqual(5000 + watchTimes.busyLimitMs);
  });

  it('that does not end is named once, and starts nothing', () => {
    const world = new World();
    world.settle();
    for (let at = 5000; at < 25_000; at += 100) world.save(at, `${at}`);
    world.settle(24_900);
    expect(world.log.slice(2)).toEqual([expect.stringMatching(/^\d+ restless$/u)]);
    expect(world.settle().results).toEqual(['a', '24900']);
  });

  it('while files are looked at makes the look void', () => {
    const world = new World();
    world.settle();
    world.lookMs = () => 500;
    world.save(5000, 'b');
    world.save(5400, 'c');
    expect(world.settle().results).toEqual(['a', 'c']);
    expect(world.runs).toBe(2);
  });
});

describe('a change while a run goes on', () => {
  it('aborts it and starts again', () => {
    const world = new World();
    world.save(300, 'b');
    expect(world.settle().log).toEqual(['5 start a', '555 abort', '610 start b', '1610 result b']);
  });

  it('starts it again, too, when the change is taken back after the abort', () => {
    const world = new World();
    world.save(300, 'b');
    world.save(560, 'a');
    expect(world.settle().results).toEqual(['a']);
    expect(world.runs).toBe(2);
  });

  it('aborts nothing when it is of a file that is not sent', () => {
    const world = new World();
    world.touch(300);
    expect(world.settle().log).toEqual(['5 start a', '1005 result a']);
  });

  it('queues one run where that is wished', () => {
    const world = new World('queue');
    world.save(100, 'b');
    world.save(500, 'c');
    expect(world.settle().log).toEqual(['5 start a', '355 queued', '1005 result a', '1010 start c', '2010 result c']);
  });

  it('queues nothing when it is taken back', () => {
    const world = new World('queue');
    world.save(100, 'b');
    world.save(500, 'a');
    expect(world.settle().results).toEqual(['a']);
  });
});

describe('what is wrong', () => {
  it('starts nothing and is said once, until it is gone', () => {
    const world = new World();
    world.settle();
    world.at(4999, () => (world.wrong = ['x:1: merge conflict']));
    for (const at of [5000, 6000, 7000]) world.save(at, `at ${at}`);
    world.at(7999, () => (world.wrong = []));
    world.save(8000, 'merged');
    expect(world.settle().log.slice(2)).toEqual([
      '5255 blocked x:1: merge conflict',
      '8255 start merged',
      '9255 result merged',
    ]);
  });

  it('is said again when it is another thing, and when it is there again', () => {
    const world = new World();
    world.settle();
    for (const [at, wrong] of [
      [5000, ['x']],
      [6000, ['y']],
      [7000, []],
      [8000, ['y']],
    ] as const) {
      world.at(at - 1, () => (world.wrong = [...wrong]));
      world.touch(at);
    }
    expect(world.settle().log.slice(2)).toEqual([
      '5255 blocked x',
      '6255 blocked y',
      '7255 unchanged',
      '8255 blocked y',
    ]);
  });

  it('leaves the run alone that goes on', () => {
    const world = new World();
    world.at(99, () => (world.wrong = ['x']));
    world.save(100, 'b');
    expect(world.settle().results).toEqual(['a']);
  });

  it('keeps the first run back', () => {
    const world = new World();
    world.wrong = ['x'];
    // The look that the watch began with has read the files already.
    world.touch(1);
    expect(world.settle().runs).toBe(0);
  });
});

describe.each(['restart', 'queue'] as const)('whatever comes (%s)', (whileRunning) => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed))('the last state has its result, once (%i)', (seed) => {
    const random = seededRandom(seed);
    const upTo = (limit: number): number => Math.floor(random() * limit);
    const world = new World(whileRunning);
    world.lookMs = () => upTo(random() < 0.1 ? 2000 : 50);
    world.runMs = () => 1 + upTo(3000);
    let at = upTo(2000);
    for (let save = 0; save < 100; save += 1) {
      // Bursts: most saves follow at once, some after a while; a few contents come back.
      at += random() < 0.9 ? upTo(60) : upTo(4000);
      const content = random() < 0.1 ? `${upTo(100)}` : `${save}`;
      const kind = random();
      if (kind < 0.1) world.touch(at);
      else world.save(at, content);
      if (kind > 0.95) {
        world.at(at - 1, () => (world.wrong = ['x']));
        world.at(at + upTo(500), () => (world.wrong = []));
      }
      if (kind > 0.9) {
        world.at(at - 1, () => (world.gitLock = true));
        world.at(at + upTo(1500), () => (world.gitLock = false));
      }
    }
    // What is put right is a change of a file.
    world.at(at + 2000, () => ([world.wrong, world.gitLock] = [[], false]));
    world.save(at + 2001, 'the last');
    world.settle();
    expect(world.results.at(-1)).toBe('the last');
    expect(world.results.filter((content) => content === 'the last')).toHaveLength(1);
    // No result twice in a row: nothing runs when nothing has changed.
    for (const [index, content] of world.results.entries()) expect(world.results[index + 1]).not.toBe(content);
  });
});
