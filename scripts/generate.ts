/**
 * `npm run generate`: writes anew what follows from the code. Tests say when one of these files is not current, as does
 * `npm run generate -- --check`, which writes nothing and fails then.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GENERATED } from './generate/files.ts';

const check = process.argv.includes('--check');

for (const [path, make] of Object.entries(GENERATED)) {
  const present = await readFile(path, 'utf8').catch(() => '');
  const text = await make(present);
  const current = text === present;
  if (!current && check) {
    process.exitCode = 1;
  } else if (!current) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  console.log(`${current ? 'current' : check ? 'stale  ' : 'written'}  ${path}`);
}
