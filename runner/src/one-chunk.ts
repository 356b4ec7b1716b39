/** A stream of one chunk, as an exec takes it for its stdin. */
// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what exec takes
export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
