import { useSession } from "@sallyport/shared/react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchCode } from "../ui/late-code.ts";
import classes from "./notices.module.css";

/** Few have any. */
const NoticeCallout = lazy(async () => ({
  default: (await fetchCode(() => import("./notice-callout.tsx"))).NoticeCallout,
}));

/** What the user has to be told, until it is dismissed. */
export function Notices(): ReactNode {
  const session = useSession();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const shown =
    session?.notices.filter(
      ({ id, data }) =>
        !dismissed.has(id) &&
        // Whoever has just done it here need not be told.
        data["sessionId"] !== session.session.id,
    ) ?? [];
  if (shown.length === 0) return null;
  return (
    <Suspense>
      <div className={classes.notices} role="region" aria-label="Notices">
        {shown.map((notice) => (
          <NoticeCallout
            key={notice.id}
            notice={notice}
            onDismissed={() => setDismissed((before) => new Set([...before, notice.id]))}
          />
        ))}
      </div>
    </Suspense>
  );
}
