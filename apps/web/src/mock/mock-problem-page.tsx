import { IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { MessagePage } from "../ui/message-page.tsx";
import classes from "./mock-problem-page.module.css";
import { Button } from "../ui/button.tsx";

/**
 * The mock cannot start, so the page has nobody to ask. The panel is not there either: what leads
 * out of it is here.
 */
export const MockProblemPage = ({
  message,
  beginAnew,
}: {
  readonly message: string;
  readonly beginAnew: () => void;
}): ReactNode => (
  <main className={classes.page}>
    <MessagePage
      icon={<IconPlugConnectedX size={28} stroke={1.6} />}
      title="The mock API cannot start"
      actions={
        <>
          <Button onClick={() => window.location.reload()}>Try again</Button>
          <Button variant="default" onClick={beginAnew}>
            Begin anew
          </Button>
        </>
      }
    >
      <p>{message}</p>
      <p>
        To begin anew is to forget what the mock knows, and what the address asks of it with{" "}
        <code>?mock=</code>.
      </p>
    </MessagePage>
  </main>
);
