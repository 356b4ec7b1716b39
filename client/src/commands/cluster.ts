/** The commands about the cluster and its artifact store. */
import { createClaim, pruneStore } from '../cluster/store-commands.ts';
import type { RunningParts } from '../parts.ts';
import type { CommandHandlers } from './register.ts';

/** What these commands do. */
export function clusterCommands({ choice, host }: RunningParts): CommandHandlers {
  /** The chosen cluster for a command about it; asked for when there is none. */
  const place = () => choice.ensure();

  return {
    'tarmac.chooseCluster': () => choice.choose(),
    'tarmac.createClaim': async () => {
      const ref = await place();
      if (ref) await createClaim(host, ref, '');
    },
    'tarmac.pruneStore': async () => {
      const ref = await place();
      if (ref) await pruneStore(host, ref, undefined);
    },
  };
}
