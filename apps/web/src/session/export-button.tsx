import type { Client } from "@sallyport/shared/client";
import { IconDownload } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { saveFile } from "../ui/save-file.ts";
import { useChange } from "./use-change.ts";
import classes from "./export-button.module.css";

/**
 * Fetches a list as a file and hands it to the browser. A link would not do: on another site than
 * the page's, the browser sends a link no cookies, and nobody would renew a session that has run
 * out.
 */
export function ExportButton({
  name,
  extension,
  ask,
  children,
}: {
  /** Of the file, without its extension and its day. */
  readonly name: string;
  readonly extension: "csv" | "ndjson" | "json";
  readonly ask: (client: Client) => Promise<Pick<Response, "blob">>;
  readonly children: ReactNode;
}): ReactNode {
  const [failed, setFailed] = useState(false);
  const save = useChange({
    call: async (client) => (await ask(client)).blob(),
    onDone: (file) =>
      saveFile(
        `${name}-${new Date().toISOString().slice(0, 10)}.${extension}`,
        // Spreadsheets take a text for UTF-8 by its mark.
        extension === "csv" ? new Blob(["\uFEFF", file], { type: file.type }) : file,
      ),
    onFailed: () => setFailed(true),
  });
  return (
    <>
      <Button size="xs" variant="default" loading={save.pending} onClick={() => save.run()}>
        <IconDownload size={16} stroke={1.75} aria-hidden="true" />
        <span className={classes.text}>{children}</span>
      </Button>
      {failed && (
        <Dialog title="The file could not be made" onClose={() => setFailed(false)}>
          <Callout tone="danger">{save.failure?.message}</Callout>
          <DialogActions>
            <Button data-autofocus onClick={() => setFailed(false)}>
              Close
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}
