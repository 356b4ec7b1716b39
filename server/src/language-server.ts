/** The language server as a program. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { RULES_PAGE } from '#concourse';
import { serve } from './server.ts';

/** URL of the page about the rules, which lies beside `dist/` in the package; undefined where it is not. */
function rulesPage(): string | undefined {
  const [, program] = process.argv;
  if (program === undefined || !existsSync(program)) return undefined;
  const page = join(dirname(realpathSync(program)), '..', RULES_PAGE);
  return existsSync(page) ? pathToFileURL(page).href : undefined;
}

// The transport (IPC from the extension, --stdio from other editors) is read from the command line.
serve(createConnection(ProposedFeatures.all), rulesPage());
