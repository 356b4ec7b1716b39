/**
 * The door of the `tarmac` command. What V8 made of the code at an earlier start is taken from this user's cache; only code
 * that is loaded after it was asked for can come from there.
 */
import { enableCompileCache } from 'node:module';
import { compileCacheDir } from '#workspace/compile-cache';

// The YAML package asks the environment before each word whether to print it; a copy answers at once. Windows looks names
// up in any case of letters, which a copy cannot.
if (process.platform !== 'win32') process.env = { ...process.env };
// Where the folder cannot be used, Node compiles as ever. What is new is written when the process ends.
enableCompileCache(compileCacheDir(process.env));
void import('./program.ts');
