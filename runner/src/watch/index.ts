/** Running a task again whenever its files change. */
export { changeText } from './change.ts';
export type { WatchChange } from './change.ts';
export type { ChangeListener, ChangeSource } from './folder-watch.ts';
export type { Look, WatchSubject } from './look.ts';
export type { WhileRunning } from './rules.ts';
export { watchTask } from './watch.ts';
export type { WatchNotice, WatchOptions } from './watch.ts';
