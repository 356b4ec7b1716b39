/** Coverage reports as the files, statements, branches and functions of VS Code. */
import {
  BranchCoverage,
  DeclarationCoverage,
  FileCoverage,
  Position,
  StatementCoverage,
  TestCoverageCount,
  Uri,
  type FileCoverageDetail,
} from 'vscode';
import type { FoundCoverage, FileCoverage as ReportedFile } from '#runner';
import type { LocalFiles } from './local-files.ts';

/** More of one line say nothing to a person. */
const mostBranches = 64;

/** A file whose details are made when somebody opens it. */
export class LocalCoverage extends FileCoverage {
  readonly #reported: ReportedFile;

  constructor(uri: Uri, reported: ReportedFile) {
    const { lines, branches, functions } = reported;
    const covered = [...lines.values()].filter((hits) => hits > 0).length;
    const all = [...branches.values()];
    const sum = (of: 'covered' | 'total'): number => all.reduce((total, branch) => total + branch[of], 0);
    super(
      uri,
      new TestCoverageCount(covered, lines.size),
      all.length === 0 ? undefined : new TestCoverageCount(sum('covered'), sum('total')),
      functions.length === 0
        ? undefined
        : new TestCoverageCount(functions.filter(({ hits }) => hits > 0).length, functions.length),
    );
    this.#reported = reported;
  }

  /** Line by line. */
  details(): FileCoverageDetail[] {
    const { lines, branches, functions } = this.#reported;
    const statements = [...lines].map(([line, hits]) => {
      const at = new Position(line - 1, 0);
      const { covered, total } = branches.get(line) ?? { covered: 0, total: 0 };
      const ways = Array.from(
        { length: Math.min(total, mostBranches) },
        (_, index) => new BranchCoverage(index < covered, at),
      );
      return new StatementCoverage(hits, at, ways);
    });
    const declared = functions.map(({ name, line, hits }) => {
      return new DeclarationCoverage(name, hits, new Position(line - 1, 0));
    });
    return [...statements, ...declared];
  }
}

/** The files of the reports that are on this machine; a file that is in two reports is the one of the later. */
export async function coverageFiles(
  reports: readonly FoundCoverage[],
  local: LocalFiles,
): Promise<readonly LocalCoverage[]> {
  const found = new Map<string, LocalCoverage>();
  for (const { files } of reports) {
    for (const file of files) {
      const path = file.lines.size === 0 ? undefined : await local.resolve(file.file);
      if (path !== undefined) found.set(path, new LocalCoverage(Uri.file(path), file));
    }
  }
  return [...found.values()];
}
