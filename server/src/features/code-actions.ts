/** Code actions: quick fixes of problems, everything safe at once, and refactorings. */
import { CodeActionKind, type CodeAction, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver';
import type { Problem, TaskDocument, TextRange } from '#concourse';
import type { RuleCommand } from '../protocol/rule-pages.ts';
import { diagnosticOf } from './facts/diagnostic.ts';
import { lspRange, type FeatureRequest } from './facts/feature.ts';
import { fixAll, fixRule, fixesOf, isHarmless, trialsFor, type Check } from './fixes/all.ts';
import type { OffsetEdit } from './fixes/edits.ts';
import { Layout } from './fixes/layout.ts';
import { scriptFileFixes } from './fixes/script-file.ts';
import { suppressions } from './fixes/suppress.ts';
import { blockStyle } from './refactorings/block-style.ts';
import { extractScript, inlineScript } from './refactorings/inline-script.ts';

/** The kind of "apply all safe fixes", for `editor.codeActionsOnSave`. */
export const FIX_ALL_KIND = `${CodeActionKind.SourceFixAll}.tarmac`;

/** What the server tells the client of its code actions. */
export const CODE_ACTION_KINDS: readonly string[] = [
  CodeActionKind.QuickFix,
  CodeActionKind.RefactorExtract,
  CodeActionKind.RefactorInline,
  CodeActionKind.RefactorRewrite,
  FIX_ALL_KIND,
];

/** What is asked for. */
export interface CodeActionQuery {
  /** The selection, or the cursor. */
  readonly range: TextRange;
  /** All problems of the task. */
  readonly problems: readonly Problem[];
  /** Kinds that are wanted, each with the kinds below it; undefined: all but those that must be asked for by name. */
  readonly only?: readonly string[];
  /** The client creates files as part of an edit (`workspace.workspaceEdit.resourceOperations`). */
  readonly createsFiles?: boolean;
  /** The client has the server run commands. */
  readonly runsCommands?: boolean;
  /** The command that explains a rule; undefined where nothing could be opened. */
  readonly documentation?: (rule: string) => RuleCommand | undefined;
  /** Finds the problems of a changed task. */
  readonly check: Check;
}

/** Edits as LSP has them. */
export function textEdits(task: TaskDocument, edits: readonly OffsetEdit[]): TextEdit[] {
  return edits.map(({ range, newText }) => ({ range: lspRange(task, range), newText }));
}

/** True when a kind was asked for, by itself or by a kind above it. */
export function isWanted(kind: string, only: readonly string[] | undefined): boolean {
  if (only === undefined) return !kind.startsWith(CodeActionKind.Source);
  return only.some((wanted) => wanted === '' || kind === wanted || kind.startsWith(`${wanted}.`));
}

/** True for ranges that have a place in common. */
export function touches(a: TextRange, b: TextRange): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** The fixes of the problems at the selection, and of all problems of their rules. */
function quickFixes(request: FeatureRequest, query: CodeActionQuery): CodeAction[] {
  const { task, uri, environment } = request;
  const layout = new Layout(task);
  const actions: CodeAction[] = [];
  const codes = new Set<string>();
  let trials = trialsFor(task);
  for (const problem of query.problems) {
    if (!touches(problem.range, query.range)) continue;
    if (trials-- <= 0) break;
    const diagnostics = [diagnosticOf(task, problem)];
    for (const { title, edits, preferred } of fixesOf(problem, task, environment, layout)) {
      const edit = { changes: { [uri]: textEdits(task, edits) } };
      actions.push({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics,
        edit,
        ...(preferred ? { isPreferred: true } : {}),
      });
    }
    actions.push(...inScriptFile(request, query, problem));
    codes.add(problem.code);
  }
  for (const code of codes) {
    const { count, edits } = fixRule(code, query.problems, task, environment);
    if (count < 2) continue;
    const edit = { changes: { [uri]: textEdits(task, edits) } };
    actions.push({ title: `Fix all ${count} problems of '${code}'`, kind: CodeActionKind.QuickFix, edit });
  }
  return [...actions, ...ruleActions(request, query, layout)];
}

/** What mends a problem in the script that the task starts. */
function inScriptFile(request: FeatureRequest, { runsCommands }: CodeActionQuery, problem: Problem): CodeAction[] {
  const diagnostics = [diagnosticOf(request.task, problem)];
  return scriptFileFixes(problem, request).flatMap(({ title, uri, edits, command }): CodeAction[] => {
    const action = { title, kind: CodeActionKind.QuickFix, diagnostics };
    if (edits) return [{ ...action, edit: { changes: { [uri]: [...edits] } } }];
    if (command === undefined || runsCommands !== true) return [];
    return [{ ...action, command: { title, command, arguments: [uri] } }];
  });
}

/** For each rule with a problem at the selection: silence it, read about it. They stand below the fixes. */
function ruleActions({ task, uri }: FeatureRequest, query: CodeActionQuery, layout: Layout): CodeAction[] {
  const actions: CodeAction[] = [];
  const codes = new Set<string>();
  for (const problem of query.problems) {
    if (!touches(problem.range, query.range) || codes.has(problem.code)) continue;
    codes.add(problem.code);
    const { code } = problem;
    const diagnostics = [diagnosticOf(task, problem)];
    // What Concourse rejects stays wrong, whether it is told or not.
    const silenced = problem.severity === 'error' ? [] : suppressions(problem, task, layout);
    for (const { title, edits } of silenced) {
      const edit = { changes: { [uri]: textEdits(task, edits) } };
      actions.push({ title, kind: CodeActionKind.QuickFix, diagnostics, edit });
    }
    const documentation = query.documentation?.(code);
    if (documentation === undefined) continue;
    const title = `Open the documentation of '${code}'`;
    actions.push({ title, kind: CodeActionKind.QuickFix, diagnostics, command: { title, ...documentation } });
  }
  return actions;
}

/** Refactorings of what the selection touches. */
function refactorings(request: FeatureRequest, query: CodeActionQuery): CodeAction[] {
  const { task, uri } = request;
  const run = task.root.kind === 'map' ? task.root.entries.find(({ name }) => name === 'run') : undefined;
  const atRun = run && touches({ start: run.key.range.start, end: run.value.range.end }, query.range);
  const found = [
    ...(atRun ? [extractScript(request), inlineScript(request)] : []),
    blockStyle(request, query.range),
  ].filter((each) => each !== undefined);
  return found.flatMap((each): CodeAction[] => {
    if (!isWanted(each.kind, query.only)) return [];
    // A reason helps only somebody who asked for it.
    if (each.refused !== undefined) {
      const asked = query.only !== undefined;
      return asked ? [{ title: each.title, kind: each.kind, disabled: { reason: each.refused } }] : [];
    }
    if (each.create && query.createsFiles !== true) return [];
    if (!isHarmless(task, each.edits, request.environment)) return [];
    const edits = textEdits(task, each.edits);
    if (!each.create) return [{ title: each.title, kind: each.kind, edit: { changes: { [uri]: edits } } }];
    const created = new URL(encodeURIComponent(each.create.name), uri).href;
    const start = { line: 0, character: 0 };
    const documentChanges: WorkspaceEdit['documentChanges'] = [
      { kind: 'create', uri: created, options: { overwrite: false, ignoreIfExists: false } },
      {
        textDocument: { uri: created, version: null },
        edits: [{ range: { start, end: start }, newText: each.create.text }],
      },
      { textDocument: { uri, version: null }, edits },
    ];
    return [{ title: each.title, kind: each.kind, edit: { documentChanges } }];
  });
}

/** The code actions at a place, the most likely first. */
export function codeActions(request: FeatureRequest, query: CodeActionQuery): CodeAction[] {
  const { task, uri, environment } = request;
  const actions: CodeAction[] = [];
  if (isWanted(CodeActionKind.QuickFix, query.only)) actions.push(...quickFixes(request, query));
  actions.push(...refactorings(request, query));
  if (isWanted(FIX_ALL_KIND, query.only)) {
    const edits = fixAll(task, environment, query.check);
    if (edits.length > 0) {
      const edit = { changes: { [uri]: textEdits(task, edits) } };
      actions.push({ title: 'Apply all safe fixes of Tarmac', kind: FIX_ALL_KIND, edit });
    }
  }
  return actions;
}
