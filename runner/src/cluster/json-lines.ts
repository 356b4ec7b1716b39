/** Newline-delimited JSON from a stream of bytes: the body of a Kubernetes watch. */

/**
 * Yields each complete line as JSON. What follows the last newline is a line that the connection cut: it is dropped.
 * @param stream chunks may end anywhere, also inside a character
 * @param onData called for each chunk, before its lines are yielded: the sign of life of a quiet stream
 * @throws {SyntaxError} when a complete line is no JSON
 */
export async function* jsonLines(
  stream: AsyncIterable<Uint8Array>,
  onData?: () => void,
): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const chunk of stream) {
    onData?.();
    const lines = decoder.decode(chunk, { stream: true }).split('\n');
    // Joined once per line, not once per chunk: a pod can be larger than many chunks.
    for (const [index, line] of lines.entries()) {
      pieces.push(line);
      if (index === lines.length - 1) break;
      const whole = pieces.join('').trim();
      pieces = [];
      if (whole !== '') yield JSON.parse(whole) as unknown;
    }
  }
}
