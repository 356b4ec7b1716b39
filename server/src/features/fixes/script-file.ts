/**
 * Fixes in the file that a task starts. Its text is changed by edits like any other; its mode and its line ends, which
 * no edit can set, by commands of the server.
 */
import { pathToFileURL } from 'node:url';
import type { TextEdit } from 'vscode-languageserver';
import { type Problem, readShebang } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { commandFile } from '../facts/local-file.ts';

/** Server command: makes a file executable. Its one argument is the file's URI. */
export const MAKE_EXECUTABLE_COMMAND = 'tarmac.makeExecutable';
/** Server command: gives a file LF line ends. Its one argument is the file's URI. */
export const USE_LINE_FEEDS_COMMAND = 'tarmac.useLineFeeds';

/** One way to mend a script file. */
export interface ScriptFileFix {
  /** Imperative, one line. */
  readonly title: string;
  /** The script. */
  readonly uri: string;
  /** What is inserted; absent where a command does it. */
  readonly edits?: readonly TextEdit[];
  /** Name of the server's command. */
  readonly command?: string;
}

/** Interpreters by the ending of a file's name; a file with another one is taken for a shell script. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  bash: '#!/usr/bin/env bash',
  js: '#!/usr/bin/env node',
  mjs: '#!/usr/bin/env node',
  pl: '#!/usr/bin/env perl',
  py: '#!/usr/bin/env python3',
  rb: '#!/usr/bin/env ruby',
};

function insertion(line: number, newText: string): TextEdit {
  const at = { line, character: 0 };
  return { range: { start: at, end: at }, newText };
}

/** The fixes of a problem in the script that it is about; none for other problems. */
export function scriptFileFixes(problem: Problem, request: FeatureRequest): ScriptFileFix[] {
  const file = commandFile(request);
  if (!file) return [];
  const { local, rest, written } = file;
  const name = rest === '' ? written : rest;
  const uri = pathToFileURL(local).href;
  switch (problem.code) {
    case 'script-not-executable':
      return [{ title: `Make '${name}' executable (chmod +x)`, uri, command: MAKE_EXECUTABLE_COMMAND }];
    case 'script-crlf':
      return [{ title: `Give '${name}' LF line endings`, uri, command: USE_LINE_FEEDS_COMMAND }];
    case 'script-no-shebang':
    case 'script-file-without-errexit': {
      const text = request.environment.files?.read(local);
      // An editor does not show a byte order mark: no edit reaches it.
      if (text === undefined || text.startsWith('\ufeff')) return [];
      return problem.code === 'script-no-shebang' ? firstLine(name, uri, text) : setErrexit(name, uri, text);
    }
    default:
      return [];
  }
}

function firstLine(name: string, uri: string, text: string): ScriptFileFix[] {
  const ending = /\.([a-z]+)$/.exec(name)?.[1] ?? '';
  const line = (Object.hasOwn(INTERPRETERS, ending) ? INTERPRETERS[ending] : undefined) ?? '#!/bin/sh';
  return [{ title: `Begin '${name}' with ${line}`, uri, edits: [insertion(0, `${line}${lineEnd(text)}`)] }];
}

function setErrexit(name: string, uri: string, text: string): ScriptFileFix[] {
  const command = readShebang(text)?.interpreter === 'bash' ? 'set -euo pipefail' : 'set -e';
  const line = text.startsWith('#!') ? 1 : 0;
  const title = `Put '${command}' at the top of '${name}'`;
  return [{ title, uri, edits: [insertion(line, `${command}${lineEnd(text)}`)] }];
}

function lineEnd(text: string): string {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}
