import type { ReactNode } from "react";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { MessagePage } from "./message-page.tsx";
import classes from "./config-problem-page.module.css";

/** The page cannot start. For the person who runs it, since nobody else can help. */
export const ConfigProblemPage = ({
  message,
  address,
  retry,
}: {
  readonly message: string;
  readonly address: string;
  readonly retry: ReactNode;
}): ReactNode => (
  <main className={classes.page}>
    <MessagePage
      icon={<IconPlugConnectedX size={28} stroke={1.6} />}
      title="This dashboard is not configured yet"
      actions={retry}
    >
      <p>{message}</p>
      <p>
        It is read from <code className={classes.code}>{address}</code> and has to name the API:
      </p>
      <pre className={classes.example}>{'{ "apiUrl": "https://api.example.com" }'}</pre>
      <p>If you do not run this dashboard, tell the person who does.</p>
    </MessagePage>
  </main>
);
