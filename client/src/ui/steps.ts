/** Questions in a row with VS Code's own pickers: a title, how many there are, and a way back. */
import { QuickInputButtons, window, type Disposable, type QuickInputButton, type QuickPickItem } from 'vscode';

/** Where a question stands in its row. */
export interface Place {
  readonly title: string;
  /** 1-based. */
  readonly step: number;
  readonly total: number;
  /** There is something to go back to, although it is the first question. */
  readonly canGoBack?: boolean | undefined;
}

/** The user wants the question before. */
export const back = Symbol('back');

/** An answer; `back`; or undefined, when the user has left. */
export type Answer<T> = T | typeof back | undefined;

export interface PickOptions<T extends QuickPickItem> {
  readonly placeholder: string;
  readonly items: readonly T[];
  /** Preselected. */
  readonly active?: T | undefined;
  /** A button beside an item was pressed. True: the question is answered with that item. */
  readonly onButton?: (item: T, button: QuickInputButton) => boolean;
}

/** Lets the user pick one item. */
export function pick<T extends QuickPickItem>(place: Place, options: PickOptions<T>): Promise<Answer<T>> {
  const input = window.createQuickPick<T>();
  input.items = options.items;
  input.placeholder = options.placeholder;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  input.activeItems = options.active ? [options.active] : [];
  return ask<T>(place, input, (answer) => [
    input.onDidAccept(() => {
      const [item] = input.selectedItems;
      if (item) answer(item);
    }),
    input.onDidTriggerItemButton(({ item, button }) => {
      if (options.onButton?.(item, button) === true) answer(item);
    }),
  ]);
}

export interface TextOptions {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string | undefined;
  /** The text is not shown. */
  readonly password?: boolean;
  /** Why a text is not acceptable. */
  readonly check?: (text: string) => string | undefined;
}

/** Lets the user write a text. */
export function text(place: Place, options: TextOptions): Promise<Answer<string>> {
  const input = window.createInputBox();
  input.prompt = options.prompt;
  input.value = options.value ?? '';
  input.placeholder = options.placeholder;
  input.password = options.password ?? false;
  return ask<string>(place, input, (answer) => [
    input.onDidChangeValue((value) => (input.validationMessage = options.check?.(value))),
    input.onDidAccept(() => {
      input.validationMessage = options.check?.(input.value);
      if (input.validationMessage === undefined || input.validationMessage === '') answer(input.value);
    }),
  ]);
}

type Input = ReturnType<typeof window.createQuickPick> | ReturnType<typeof window.createInputBox>;

/** Shows an input until it is answered or left. */
function ask<T>(
  { title, step, total, canGoBack }: Place,
  input: Pick<Input, keyof ReturnType<typeof window.createInputBox> & keyof ReturnType<typeof window.createQuickPick>>,
  listen: (answer: (value: T) => void) => Disposable[],
): Promise<Answer<T>> {
  input.title = title;
  input.ignoreFocusOut = true;
  if (total > 1) {
    input.step = step;
    input.totalSteps = total;
  }
  input.buttons = step > 1 || canGoBack === true ? [QuickInputButtons.Back] : [];
  return new Promise((resolve) => {
    let listeners: Disposable[] = [];
    const answer = (value: Answer<T>): void => {
      for (const each of listeners) each.dispose();
      input.dispose();
      resolve(value);
    };
    listeners = [
      ...listen(answer),
      input.onDidTriggerButton((button) => {
        if (button === QuickInputButtons.Back) answer(back);
      }),
      input.onDidHide(() => answer(undefined)),
    ];
    input.show();
  });
}

/** One question of a row: gets what was answered so far, and says how it changes. */
export type Step<State> = (state: State, place: Place) => Promise<Answer<State>>;

/**
 * Asks one question after the other, with a way back to the one before. Undefined when the user has left.
 * @param steps may depend on what was answered: asked anew before each question
 */
export async function askInRow<State>(
  title: string,
  start: State,
  steps: (state: State) => readonly Step<State>[],
): Promise<State | undefined> {
  const states = [start];
  for (;;) {
    const state = states.at(-1) ?? start;
    const row = steps(state);
    const step = row[states.length - 1];
    if (!step) return state;
    const answer = await step(state, { title, step: states.length, total: row.length });
    if (answer === undefined) return undefined;
    if (answer !== back) states.push(answer);
    else if (states.length > 1) states.pop();
  }
}
