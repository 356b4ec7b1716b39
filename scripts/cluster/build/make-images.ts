/**
 * Makes the images of the test cluster, as root on Debian 12: in a container, for a machine that is something else.
 *
 *     node scripts/cluster/build/make-images.ts CACHE UID:GID
 *
 * The folders are below CACHE and belong to UID:GID afterwards; `images.list` there names them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../machine/command.ts';
import { IMAGE_LIST, makeImages } from '../given/docker-tools.ts';

const [cache, owner] = process.argv.slice(2);
if (cache === undefined || owner === undefined) throw new Error('usage: make-images.ts CACHE UID:GID');
const log = join(cache, 'logs', 'images.log');
try {
  const folders = await makeImages(cache, log);
  await writeFile(join(cache, IMAGE_LIST), folders.map((name) => `${name}\n`).join(''));
} finally {
  // Also what a failure has left: the user must be able to remove it.
  await run('chown', ['-R', owner, cache], { log });
}
