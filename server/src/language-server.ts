/** The language server as a program. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './server.ts';

// The transport (IPC from the extension, --stdio from other editors) is read from the command line.
serve(createConnection(ProposedFeatures.all));
