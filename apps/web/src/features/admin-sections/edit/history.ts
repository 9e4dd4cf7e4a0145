/** What can be undone and done again. Pure. */

export interface History<State> {
  readonly past: readonly State[];
  readonly present: State;
  readonly future: readonly State[];
  /** What was changed last, and when: letters typed into one field are one step. */
  readonly last: { readonly what: string; readonly at: number } | null;
}

const mostSteps = 200;
/** A pause of this length ends a step. */
const pauseMilliseconds = 1_500;

export const openHistory = <State>(present: State): History<State> => ({
  past: [],
  present,
  future: [],
  last: null,
});

/**
 * @param what names the field, where several changes of it shall be one step; null for a step of
 * its own
 * @param at milliseconds
 */
export const record = <State>(
  history: History<State>,
  present: State,
  what: string | null,
  at: number,
): History<State> => {
  if (present === history.present) return history;
  const { last } = history;
  const goesOn =
    what !== null && last !== null && last.what === what && at - last.at < pauseMilliseconds;
  return {
    past: goesOn ? history.past : [...history.past, history.present].slice(-mostSteps),
    present,
    future: [],
    last: what === null ? null : { what, at },
  };
};

export const undo = <State>(history: History<State>): History<State> => {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present,
    future: [history.present, ...history.future],
    last: null,
  };
};

export const redo = <State>(history: History<State>): History<State> => {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, last: null };
};
