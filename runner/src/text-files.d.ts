/** A shell script, loaded as text: by esbuild, by Vitest (`scripts/build/text-files.ts`) and by Node (`scripts/run.mjs`). */
declare module '*.sh' {
  const text: string;
  export default text;
}
