/** Work that takes a while, with a notification that shows how far it is and lets the user end it. */
import { ProgressLocation, window } from 'vscode';

/** Says how far the work is; `increment` in percent. */
export type ReportProgress = (progress: { readonly message?: string; readonly increment?: number }) => void;

/** Does work with a progress that can be cancelled; undefined when it was. */
export async function cancellable<T>(
  title: string,
  work: (report: ReportProgress, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const stop = new AbortController();
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const listener = token.onCancellationRequested(() => stop.abort());
      try {
        return await work((each) => progress.report(each), stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return undefined;
        throw error;
      } finally {
        listener.dispose();
      }
    },
  );
}
