import type { ClientState, Session } from "@sallyport/shared/client";
import { chooseColorScheme } from "../ui/chosen-color-scheme.ts";
import { setReader } from "../ui/reader.ts";
import { shownAs } from "./color-scheme-of-user.ts";

let applied: Session["preferences"];

/**
 * The page goes by what its user has chosen, on whatever device they chose it. A colour scheme that
 * was chosen here a moment ago is not undone by a session that has not heard of it yet.
 */
export const applyPreferences = (state: ClientState): void => {
  const chosen =
    "session" in state && state.session !== null
      ? (state.session.preferences ?? {})
      : state.status === "visitor"
        ? {}
        : applied;
  if (JSON.stringify(chosen) === JSON.stringify(applied)) return;
  const before = applied;
  applied = chosen;
  setReader(chosen ?? {});
  if (chosen?.colorScheme !== undefined && chosen.colorScheme !== before?.colorScheme)
    chooseColorScheme(shownAs(chosen.colorScheme));
};
