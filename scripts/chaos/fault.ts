/** What a fault is. */
import type { Ended } from '../../test/cluster/support/cli.ts';
import type { Scene } from './scene.ts';
import type { Expected, Setup } from './setup.ts';

export interface Fault extends Setup {
  /** For the table and the documentation: what happens. */
  readonly about: string;
  /** Before the first command. */
  arrange?(scene: Scene): void | Promise<void>;
  /** While the first command runs. Gives the end that counts, where a later command took the run over. */
  during?(scene: Scene): Promise<Ended | undefined>;
  /** What is known when all commands have ended. */
  expected(scene: Pick<Scene, 'notes'>): Expected;
  /** Brings back what the fault took, and does what a user would do then. */
  afterwards?(scene: Scene): Promise<void>;
}
