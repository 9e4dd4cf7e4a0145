import { useSession } from "@sallyport/shared/react";
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation } from "react-router";
import { fetchCode } from "../ui/late-code.ts";

/** What the keys open, and the button: fetched when it is first wanted. */
const Palette = lazy(async () => ({
  default: (await fetchCode(() => import("../features/palette/palette.tsx"))).Palette,
}));

const mostKept = 12;

/** Which pages this user has had open, the last one first, for as long as the page is loaded. */
const useVisited = (): readonly string[] => {
  const userId = useSession()?.user.id;
  const { pathname } = useLocation();
  const [kept, setKept] = useState({ userId, paths: [pathname] });
  const paths = kept.userId === userId ? kept.paths : [];
  if (paths[0] !== pathname)
    setKept({ userId, paths: [...new Set([pathname, ...paths])].slice(0, mostKept) });
  return paths;
};

/**
 * The palette opens with Ctrl or Cmd and K and by the button that is given `open`, the list of
 * shortcuts with a question mark.
 */
export const usePalette = (
  isOffered: boolean,
): { readonly open: () => void; readonly palette: ReactNode } => {
  const [shown, setShown] = useState<"palette" | "shortcuts" | null>(null);
  const visited = useVisited();
  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  useEffect(() => {
    keys.current = (event) => {
      const { target, key } = event;
      const command = event.ctrlKey || event.metaKey;
      const isPalette = command && !event.shiftKey && key.toLowerCase() === "k";
      const isTyping =
        target instanceof Element &&
        target.closest("input, textarea, select, [contenteditable]") !== null;
      if (!isOffered || event.altKey || !(isPalette || (key === "?" && !command && !isTyping)))
        return;
      event.preventDefault();
      // What another dialog asks comes first; the same keys close what they have opened.
      if (shown) setShown(null);
      else if (!document.querySelector("dialog:modal"))
        setShown(isPalette ? "palette" : "shortcuts");
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => keys.current(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return {
    open: () => setShown("palette"),
    palette: shown && (
      <Suspense>
        <Palette shown={shown} visited={visited} onShow={setShown} />
      </Suspense>
    ),
  };
};
