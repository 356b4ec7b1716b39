/**
 * `npm run generate`: writes anew what follows from the code. Tests say when one of these files is not current.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { jsonSchemaText } from './generate/json-schema.ts';
import { manifestText } from './generate/manifest.ts';

/** Files that follow from the code: path, and how their text is made from the present one. */
const generated: Readonly<Record<string, (present: string) => Promise<string>>> = {
  'package.json': manifestText,
  'schemas/concourse-task.schema.json': jsonSchemaText,
};

for (const [path, make] of Object.entries(generated)) {
  const present = await readFile(path, 'utf8').catch(() => '');
  const text = await make(present);
  if (text !== present) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  console.log(`${text === present ? 'current' : 'written'}  ${path}`);
}
