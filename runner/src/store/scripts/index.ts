/**
 * The scripts that keep artifacts, with a claim and without: each is a file of this folder, which says at its head what it
 * does. `store-lib.sh` describes the layout of a store, `receive.sh` the frames of an upload.
 */
import { withoutComments } from '../../supervisor/sh.ts';
import consume from './consume.sh' with { type: 'text' };
import digests from './digests.sh' with { type: 'text' };
import direct from './direct.sh' with { type: 'text' };
import fetch from './fetch.sh' with { type: 'text' };
import give from './give.sh' with { type: 'text' };
import go from './go.sh' with { type: 'text' };
import prepare from './prepare.sh' with { type: 'text' };
import prune from './prune.sh' with { type: 'text' };
import receive from './receive.sh' with { type: 'text' };
import storeLib from './store-lib.sh' with { type: 'text' };
import store from './store.sh' with { type: 'text' };
import take from './take.sh' with { type: 'text' };
import waitPrepared from './wait-prepared.sh' with { type: 'text' };
import whenInstalled from './when-installed.sh' with { type: 'text' };

/** The scripts of this folder by their name in `bin/`. */
export const STORE_SCRIPTS: Readonly<Record<string, string>> = {
  'store-lib': withoutComments(storeLib),
  store: withoutComments(store),
  direct: withoutComments(direct),
  receive: withoutComments(receive),
  consume: withoutComments(consume),
  fetch: withoutComments(fetch),
  give: withoutComments(give),
  prepare: withoutComments(prepare),
  take: withoutComments(take),
  prune: withoutComments(prune),
  digests: withoutComments(digests),
  go: withoutComments(go),
};

/** `sh -c WAIT_PREPARED ROOT`: waits until the helper has unpacked the inputs. */
export const WAIT_PREPARED = withoutComments(waitPrepared).trimEnd();

/** `sh -c WHEN_INSTALLED ROOT COMMAND [ARG]…`: waits for the tools, then becomes the command. */
export const WHEN_INSTALLED = withoutComments(whenInstalled).trimEnd();
