/** Code actions of a pipeline: quick fixes, everything safe at once, and refactorings. */
import { CodeActionKind, type CodeAction, type WorkspaceEdit } from 'vscode-languageserver';
import type { Problem } from '#concourse';
import type { RuleCommand } from '../../protocol/rule-pages.ts';
import { FIX_ALL_KIND, isWanted, touches, type CodeActionQuery } from '../code-actions.ts';
import { diagnosticOf } from '../facts/diagnostic.ts';
import { fileUri, rangesIn } from '../facts/places.ts';
import { textEdits } from '../facts/text-edits.ts';
import { suppressions } from '../fixes/suppress.ts';
import type { PipelineRequest } from '../pipeline/request.ts';
import { PipelineEditor } from './editor.ts';
import type { OtherFile, PipelineFix } from './fix.ts';
import { pipelineRefactorings } from './refactorings.ts';
import { fixAllInPipeline, fixRuleInPipeline, pipelineFixesOf, trialsFor, type PipelineCheck } from './trial.ts';

/** What is asked for. */
export interface PipelineActionQuery extends Pick<CodeActionQuery, 'range' | 'problems' | 'only' | 'createsFiles'> {
  /** The command that explains a rule; undefined where nothing could be opened. */
  readonly documentation?: (rule: string) => RuleCommand | undefined;
  /** The version of an open document; null for one that is on disk. Absent: the client knows no versions in edits. */
  readonly versionOf?: (uri: string) => number | null;
  readonly check: PipelineCheck;
}

/** The code actions at a place of a pipeline, the most likely first. */
export function pipelineActions(request: PipelineRequest, query: PipelineActionQuery): CodeAction[] {
  const { only, range } = query;
  const editor = new PipelineEditor(request);
  const actions: CodeAction[] = [];
  if (isWanted(CodeActionKind.QuickFix, only)) actions.push(...quickFixes(editor, query));
  for (const each of pipelineRefactorings(editor, range, only !== undefined)) {
    if (!isWanted(each.kind, only)) continue;
    if (each.refused !== undefined) {
      if (only !== undefined) actions.push({ title: each.title, kind: each.kind, disabled: { reason: each.refused } });
      continue;
    }
    const edit = workspaceEdit(request, each, query);
    if (edit) actions.push({ title: each.title, kind: each.kind, edit });
  }
  if (isWanted(FIX_ALL_KIND, only)) {
    const edits = fixAllInPipeline(request, query.check);
    const edit = edits.length > 0 ? workspaceEdit(request, { edits }, query) : undefined;
    if (edit) actions.push({ title: 'Apply all safe fixes of Tarmac', kind: FIX_ALL_KIND, edit });
  }
  return actions;
}

/** The fixes of the problems at the selection, of all problems of their rules, and what stands below them. */
function quickFixes(editor: PipelineEditor, query: PipelineActionQuery): CodeAction[] {
  const { request } = editor;
  const kind = CodeActionKind.QuickFix;
  const actions: CodeAction[] = [];
  const here = query.problems.filter((problem) => touches(problem.range, query.range));
  let trials = trialsFor(request);
  for (const problem of here) {
    if (trials-- <= 0) break;
    const diagnostics = [diagnosticOf(request.source, problem)];
    for (const fix of pipelineFixesOf(problem, editor, query.check)) {
      const edit = workspaceEdit(request, fix, query);
      if (edit) {
        const { title, preferred } = fix;
        actions.push({ title, kind, diagnostics, edit, ...(preferred ? { isPreferred: true } : {}) });
      }
    }
  }
  for (const code of new Set(here.map((problem) => problem.code))) {
    const { count, edits } = fixRuleInPipeline(code, query.problems, editor);
    const edit = count > 1 ? workspaceEdit(request, { edits }, query) : undefined;
    if (edit) actions.push({ title: `Fix all ${count} problems of '${code}'`, kind, edit });
  }
  return [...actions, ...ruleActions(editor, here, query)];
}

/** For each rule with a problem at the selection: silence it, read about it. */
function ruleActions(editor: PipelineEditor, here: readonly Problem[], query: PipelineActionQuery): CodeAction[] {
  const { request, layout } = editor;
  const kind = CodeActionKind.QuickFix;
  return [...new Map(here.map((problem) => [problem.code, problem])).values()].flatMap((problem) => {
    const diagnostics = [diagnosticOf(request.source, problem)];
    // What Concourse refuses stays wrong, whether it is told or not. What goes wrong when a job runs may be known better.
    const silenced = isRefused(request, problem) ? [] : suppressions(problem, request.source, layout);
    const actions = silenced.flatMap(({ title, edits }): CodeAction[] => {
      const edit = workspaceEdit(request, { edits }, query);
      return edit ? [{ title, kind, diagnostics, edit }] : [];
    });
    const documentation = query.documentation?.(problem.code);
    if (documentation === undefined) return actions;
    const title = `Open the documentation of '${problem.code}'`;
    return [...actions, { title, kind, diagnostics, command: { title, ...documentation } }];
  });
}

function isRefused({ source }: PipelineRequest, { code, severity }: Problem): boolean {
  return severity === 'error' && source.problems.some((problem) => problem.code === code);
}

/** Changes of several files as one edit; undefined where the client cannot create a file that it needs. */
export function workspaceEdit(
  { source, uri }: PipelineRequest,
  { edits, others = [] }: Pick<PipelineFix, 'edits' | 'others'>,
  { createsFiles, versionOf }: Pick<PipelineActionQuery, 'createsFiles' | 'versionOf'>,
): WorkspaceEdit | undefined {
  const created = others.filter(({ before }) => before === undefined);
  if (created.length > 0 && createsFiles !== true) return undefined;
  const own = textEdits(source, edits);
  const inFiles = others.map((other) => ({ uri: fileUri(other.path), edits: editsOf(other) }));
  if (!versionOf) {
    if (created.length > 0) return undefined;
    const files = [...(own.length > 0 ? [{ uri, edits: own }] : []), ...inFiles];
    return { changes: Object.fromEntries(files.map((file) => [file.uri, file.edits])) };
  }
  const documentChanges: NonNullable<WorkspaceEdit['documentChanges']> = created.map(({ path }) => ({
    kind: 'create',
    uri: fileUri(path),
    options: { overwrite: false, ignoreIfExists: false },
  }));
  for (const file of inFiles) {
    documentChanges.push({ textDocument: { uri: file.uri, version: versionOf(file.uri) }, edits: file.edits });
  }
  if (own.length > 0) documentChanges.push({ textDocument: { uri, version: versionOf(uri) }, edits: own });
  return { documentChanges };
}

/** One edit for what is different in a file. */
function editsOf({ before = '', after }: OtherFile): ReturnType<typeof textEdits> {
  let start = 0;
  const room = Math.min(before.length, after.length);
  while (start < room && before[start] === after[start]) start++;
  let end = 0;
  while (end < room - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const range = rangesIn(before)({ start, end: before.length - end });
  return [{ range, newText: after.slice(start, after.length - end) }];
}
