/** The one page before a run: everything it would be given. Enter runs, each row can be changed, leaving keeps what was entered. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { ThemeIcon, type QuickInputButton } from 'vscode';
import type { InputFolder } from '#concourse';
import type { TaskDocument } from '#runner';
import type { RunPlace } from '../cluster/run-place.ts';
import { localTaskFiles } from '../execute/local-files.ts';
import { guessInputs, type TaskDecoder } from '../execute/task-file.ts';
import type { RunStore } from '../runs/run-store.ts';
import { back, type Answer, type Place, type Step } from '../ui/steps.ts';
import { askImage } from './ask-image.ts';
import { askInput } from './ask-input.ts';
import { askOutputs } from './ask-outputs.ts';
import { askParam, resetParam } from './ask-param.ts';
import { askVar } from './ask-var.ts';
import { noChoices, type Choices } from './choices.ts';
import { choosePage, type PageLine, type PageSection } from './page.ts';
import { hasNoValue, shownParams } from './params.ts';
import { firstNeeded, needsAnswer, pageRows, type Row, type RowKind, type ShownVar } from './rows.ts';
import { looksSecret, type Secrets } from './secrets.ts';

/** What is to be confirmed. */
export interface ConfirmQuestion {
  readonly decoder: TaskDecoder;
  /** What is known, from the last run or from whoever calls; undefined when nothing is. */
  readonly choices: Choices | undefined;
  /** `always`: the page is shown. `if-needed`: only when something on it needs an answer. */
  readonly show: 'always' | 'if-needed';
  readonly place: RunPlace;
  /** The user has left the page: told what was entered, for the next time. */
  readonly onLeave: (entered: Choices) => void;
}

/** Shows the page where it has to. Undefined: the user has left. */
export type Confirm = (question: ConfirmQuestion) => Promise<Choices | undefined>;

/** The parts that the questions behind the rows need. */
export function confirmation(secrets: Secrets, store: RunStore): Confirm {
  return (question) => new Confirmation(question, secrets, store).run();
}

/** The task with what was entered so far. */
interface View {
  readonly document: TaskDocument;
  readonly rows: readonly Row[];
  readonly guesses: ReadonlyMap<string, InputFolder>;
  readonly outputs: readonly string[];
  readonly keeps: boolean;
}

/** What the user did on the page. */
type Action = 'run' | 'add-param' | { readonly row: Row; readonly how: 'change' | 'secret' | 'reset' };

class Confirmation {
  readonly #question: ConfirmQuestion;
  readonly #secrets: Secrets;
  readonly #store: RunStore;
  readonly #place: Place;
  #state: Choices;
  #checked = false;

  constructor(question: ConfirmQuestion, secrets: Secrets, store: RunStore) {
    this.#question = question;
    this.#secrets = secrets;
    this.#store = store;
    const { task, runner } = question.decoder;
    this.#place = { title: l10n.t('Execute {0}', task.step ?? runner.taskName(task.path)), step: 1, total: 1 };
    this.#state = question.choices ?? noChoices;
  }

  get #taskUri(): string {
    return this.#question.decoder.task.key;
  }

  async run(): Promise<Choices | undefined> {
    const { show, place, onLeave } = this.#question;
    // A cluster that does not serve is told before anything is asked.
    if (show === 'always' && !(await this.#check())) return undefined;
    let view = await this.#view();
    if (show !== 'always' && !needsAnswer(view.rows)) return this.#confirmed(view);
    if (!(await this.#check())) return undefined;
    for (;;) {
      view = await this.#view();
      const action = await choose(view.rows, this.#place);
      if (action === undefined || action === back) {
        onLeave(this.#state);
        return undefined;
      }
      const needed = firstNeeded(view.rows);
      if (action === 'run' && !needed) {
        await place.keep();
        return this.#confirmed(view);
      }
      await this.#change(action === 'run' && needed ? { row: needed, how: 'change' } : action, view);
    }
  }

  async #check(): Promise<boolean> {
    this.#checked ||= await this.#question.place.check();
    return this.#checked;
  }

  /** The task as it is with what was entered: a variable may be anywhere in it. */
  async #view(): Promise<View> {
    const { decoder, place } = this.#question;
    const { task, runner } = decoder;
    const choices = this.#state;
    const known = await this.#secrets.of(this.#taskUri, choices);
    const document = decoder.decode(choices, known);
    const { config } = document;
    const guesses = guessInputs(task, document, runner, choices);
    const outputs = [...new Set((config.outputs ?? []).map(({ name }) => name))].filter((name) => name !== '');
    const store = outputs.length === 0 ? undefined : await place.store();
    const rows = pageRows({
      cluster: { ...place.ref, isGuess: place.isGuess },
      image: runner.resolveImage(config, { override: choices.image }),
      inputs: (config.inputs ?? []).filter(({ name }) => name !== ''),
      guesses,
      params: shownParams(document, runner, { choices, secrets: known.params, environment: env }),
      vars: this.#vars(known.vars),
      outputs,
      store,
      choices,
      cwd: task.cwd,
      isFolder: (path) => localTaskFiles.stat(path)?.type === 'directory',
    });
    return { document, rows, guesses, outputs, keeps: store?.kind === 'claim' };
  }

  /** The variables that no vars file gives: those with a value of the user, and those without. */
  #vars(secretValues: Readonly<Record<string, string>>): ShownVar[] {
    const { vars, secretVars } = this.#state;
    const bare = { ...this.#state, vars: {}, secretVars: [] };
    const { undefinedVars } = this.#question.decoder.decode(bare, { params: {}, vars: {} });
    return undefinedVars.map((name): ShownVar => {
      const isSecret = looksSecret(name) || secretVars.includes(name);
      return { name, value: vars[name] ?? (Object.hasOwn(secretValues, name) ? '' : undefined), isSecret };
    });
  }

  /** Puts the question behind a row. Whoever leaves it is on the page again, and nothing has changed. */
  async #change(action: Action, view: View): Promise<void> {
    const step = await this.#stepFor(action, view);
    const answer = await step?.(this.#state, { ...this.#place, canGoBack: true });
    if (answer !== undefined && answer !== back) this.#state = answer;
  }

  async #stepFor(action: Action, view: View): Promise<Step<Choices> | undefined> {
    const { decoder, place } = this.#question;
    const { task, runner } = decoder;
    const [taskUri, secrets] = [this.#taskUri, this.#secrets];
    if (action === 'add-param') return askParam({ taskUri, secrets });
    if (action === 'run') return undefined;
    const { row, how } = action;
    const { document } = view;
    switch (row.kind) {
      case 'cluster':
        await place.change();
        return undefined;
      case 'image':
        return askImage({ document, runner });
      case 'input': {
        const input = document.config.inputs?.find(({ name }) => name === row.name);
        return input && askInput({ input, task, guess: view.guesses.get(row.name), store: this.#store });
      }
      case 'param':
        if (how !== 'reset') return askParam({ param: row.param, asSecret: how === 'secret', taskUri, secrets });
        this.#state = await resetParam(this.#state, row.name, taskUri, secrets);
        return undefined;
      case 'var':
        return askVar({ name: row.name, taskUri, secrets });
      case 'output':
        return askOutputs({ names: view.outputs, task, keeps: view.keeps, createStore: () => place.createStore() });
    }
  }

  /** The choices that the rows say: guesses are choices from now on, and what the file has no longer is forgotten. */
  #confirmed({ rows, guesses, outputs }: View): Choices {
    const state = this.#state;
    const inputs = rows
      .filter(({ kind }) => kind === 'input')
      .map(({ name, state: how }): [string, string | null] => {
        // A guess takes the place of a folder that is gone; an optional input without one is left out.
        return [name, how === 'guess' ? (guesses.get(name)?.directory ?? null) : (state.inputs[name] ?? null)];
      });
    const leftEmpty = rows.flatMap(({ param }) => (param && hasNoValue(param) ? [param.name] : []));
    return {
      ...state,
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(Object.entries(state.outputs).filter(([name]) => outputs.includes(name))),
      leftEmpty: leftEmpty.length === 0 ? undefined : leftEmpty,
      inputsOnly: undefined,
    };
  }
}

async function choose(rows: readonly Row[], place: Place): Promise<Answer<Action>> {
  const buttons = {
    secret: { iconPath: new ThemeIcon('lock'), tooltip: l10n.t('Keep as a secret') },
    reset: { iconPath: new ThemeIcon('discard'), tooltip: l10n.t('Use the value of the file') },
  };
  const addParam: PageLine<Action> = {
    label: `$(add) ${l10n.t('Add a Param…')}`,
    description: '',
    action: 'add-param',
  };
  const sections = [...headingTexts()].map(([kind, heading]): PageSection<Action> => {
    const own = rows.filter((row) => row.kind === kind).map((row) => line(row, buttons));
    return { heading, lines: kind === 'param' ? [...own, addParam] : own };
  });
  const needed = rows.filter(({ state }) => state === 'needed').map(({ name }) => name);
  return choosePage<Action>(place, sections, needed);
}

/** The rows of a kind stand below a line with these words; those without words belong to the lines above. */
function headingTexts(): ReadonlyMap<RowKind, string | undefined> {
  return new Map<RowKind, string | undefined>([
    ['cluster', l10n.t('Runs on')],
    ['image', undefined],
    ['input', l10n.t('Inputs')],
    ['param', l10n.t('Params')],
    ['var', l10n.t('Variables')],
    ['output', l10n.t('Outputs')],
  ]);
}

function line(
  row: Row,
  { secret, reset }: { readonly secret: QuickInputButton; readonly reset: QuickInputButton },
): PageLine<Action> {
  const name = row.kind === 'var' ? `((${row.name}))` : row.name;
  const given = row.param?.origin === 'remembered' || row.param?.origin === 'secret';
  const lock = { button: secret, action: { row, how: 'secret' } } as const;
  const discard = { button: reset, action: { row, how: 'reset' } } as const;
  const buttons = row.param === undefined ? [] : given ? [lock, discard] : [lock];
  return { label: `$(${row.icon}) ${name}`, description: row.text, action: { row, how: 'change' }, buttons };
}
