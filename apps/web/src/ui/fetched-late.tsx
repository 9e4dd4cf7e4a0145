import { lazy, type ComponentType, type ReactNode } from "react";
import { fetchCode } from "./late-code.ts";

/** A part of the page whose code is fetched when it is first shown. Where that failed, showing it again fetches again: `lazy` alone keeps the failure for ever. */
export const fetchedLate = <P extends object>(
  load: () => Promise<{ readonly default: ComponentType<P> }>,
): ((props: P) => ReactNode) => {
  const open = (): ComponentType<P> =>
    lazy(async () => {
      try {
        return await fetchCode(load);
      } catch (error) {
        Part = open();
        throw error;
      }
    });
  let Part = open();
  return function FetchedLate(props) {
    const Now = Part;
    return <Now {...props} />;
  };
};
