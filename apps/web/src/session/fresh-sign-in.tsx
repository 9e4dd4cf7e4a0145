import { lazy, Suspense, useSyncExternalStore, type ReactNode } from "react";
import { fetchCode } from "../ui/late-code.ts";
import { useAppSession } from "./app-session-context.ts";

/** Few do what asks for it. */
const FreshSignInDialog = lazy(async () => ({
  default: (await fetchCode(() => import("./fresh-sign-in-dialog.tsx"))).FreshSignInDialog,
}));

/** Over whatever wants it: the password, after which that goes on by itself. */
export function FreshSignIn(): ReactNode {
  const { freshSignIn } = useAppSession();
  const isAsked = useSyncExternalStore(freshSignIn.subscribe, freshSignIn.isAsked);
  return isAsked ? (
    <Suspense>
      <FreshSignInDialog onAnswer={freshSignIn.answer} />
    </Suspense>
  ) : null;
}
