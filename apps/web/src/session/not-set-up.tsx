import type { ReactNode } from "react";

/** What to do where there is no admin yet, for whoever opens the page: true for each of them. */
export const HowToSetUp = (): ReactNode => (
  <>
    <p>Nobody can sign in yet: the first admin has still to be created.</p>
    <p>
      If you run this installation, open the setup link. The API wrote it to the terminal when it
      started, or to a file whose place it named there. A link that is too old is replaced when the
      API is started again.
    </p>
    <p>If you do not, ask whoever gave you this address, and come back later.</p>
  </>
);
