import { useSession } from "@sallyport/shared/react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchCode } from "../ui/late-code.ts";
import { takeUserChange } from "./user-change.ts";

/** It seldom happens. */
const UserChangedCallout = lazy(async () => ({
  default: (await fetchCode(() => import("./user-changed-callout.tsx"))).UserChangedCallout,
}));

// Once for each load of the page, however often the note is mounted.
const changed = takeUserChange();

/** After a reload because somebody else has signed in: says whose page it is now. */
export function UserChangeNote(): ReactNode {
  const session = useSession();
  const [open, setOpen] = useState(changed);
  if (!open || !session) return null;
  return (
    <Suspense>
      <UserChangedCallout name={session.user.displayName} onClose={() => setOpen(false)} />
    </Suspense>
  );
}
