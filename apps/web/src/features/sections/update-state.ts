/**
 * What a page may say of how its numbers are kept up to date: what happens, and never what is only
 * set up to happen.
 */
export type UpdateState =
  | { readonly is: "paused" | "failed" | "live" | "waiting" }
  | { readonly is: "stopped" | "silent"; readonly at: number }
  | { readonly is: "timed"; readonly seconds: number };

/**
 * @param stoppedAt since when the page asks for nothing, because nobody is there
 * @param failed the last question got no answer
 * @param everySeconds how often the page asks; null where the server tells what changes
 * @param hearsChanges the stream of the server's events is open, and has said something just now
 * @param silentSince since when it has not been, once that has lasted; null before
 */
export const updateStateOf = ({
  paused,
  stoppedAt,
  failed,
  everySeconds,
  hearsChanges,
  silentSince,
}: {
  readonly paused: boolean;
  readonly stoppedAt: number | null;
  readonly failed: boolean;
  readonly everySeconds: number | null;
  readonly hearsChanges: boolean;
  readonly silentSince: number | null;
}): UpdateState => {
  if (paused) return { is: "paused" };
  if (stoppedAt !== null) return { is: "stopped", at: stoppedAt };
  if (failed) return { is: "failed" };
  if (everySeconds !== null) return { is: "timed", seconds: everySeconds };
  if (hearsChanges) return { is: "live" };
  return silentSince === null ? { is: "waiting" } : { is: "silent", at: silentSince };
};
