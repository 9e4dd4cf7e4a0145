import type { ReactNode } from "react";
import { CommandPalette } from "./command-palette.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";

type Shown = "palette" | "shortcuts";

/** The palette, or the list of shortcuts that it leads to. */
export const Palette = ({
  shown,
  visited,
  onShow,
}: {
  readonly shown: Shown;
  readonly visited: readonly string[];
  readonly onShow: (shown: Shown | null) => void;
}): ReactNode =>
  shown === "palette" ? (
    <CommandPalette
      visited={visited}
      onShortcuts={() => onShow("shortcuts")}
      onClose={() => onShow(null)}
    />
  ) : (
    <ShortcutsDialog onClose={() => onShow(null)} />
  );
