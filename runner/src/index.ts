/** The runner's public face: what `cli/` and `client/` use. */
export * from './events.ts';
export type * from './cluster/types.ts';
export type * from './plan/types.ts';
export type * from './run/types.ts';
