import { ApiError, isApiError, type Contract, type ResponseBody } from "@sallyport/shared/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { csvOf } from "../../panels/csv.ts";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { saveFile } from "../../ui/save-file.ts";
import { ScrollRegion } from "../../ui/scroll-region.tsx";
import { useLeaveWarning } from "../../ui/use-leave-warning.ts";
import { usersChanged } from "./user-queries.ts";
import classes from "./import-people-dialog.module.css";

type Answer = ResponseBody<Contract["POST /users/import"]>;
type Found = Extract<Answer, { readonly items: readonly { readonly line: number }[] }>["items"];
type Added = Extract<Answer, { readonly items: readonly { readonly link: string }[] }>["items"];
type Issues = NonNullable<ApiError["problem"]["errors"]>;

const peopleOf = (count: number): string => (count === 1 ? "1 person" : `${count} people`);

/** `/lines/3/email` in words. */
const placeInWords = (pointer: string): string => {
  const [, line, column] = /^\/lines\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
  return line === undefined ? pointer : column ? `Line ${line}, ${column}` : `Line ${line}`;
};

/** A chosen file, and the key under which it is imported once, however often it is sent. */
interface Chosen {
  readonly file: File;
  readonly key: string;
}

const uploadOf = ({ file }: Chosen) => ({ type: "text/csv" as const, content: file });

/** People from a file: what is in it is shown before anybody is added, and then their links. */
export function ImportPeopleDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const [found, setFound] = useState<(Chosen & { readonly people: Found }) | null>(null);
  const [issues, setIssues] = useState<Issues | null>(null);
  const [added, setAdded] = useState<Added | null>(null);
  const noteIssues = (error: Error): void => {
    setFound(null);
    if (error instanceof ApiError && isApiError(error, "rows_rejected"))
      setIssues(error.problem.errors ?? []);
  };
  const look = useChange({
    call: async (client, chosen: Chosen) => {
      const answer = await client.request("POST /users/import", {
        query: { dryRun: "true" },
        upload: uploadOf(chosen),
      });
      return { ...chosen, people: answer.status === 200 ? answer.body.items : [] };
    },
    onDone: setFound,
    onFailed: noteIssues,
  });
  const add = useChange({
    call: async (client, chosen: Chosen) => {
      const answer = await client.request("POST /users/import", {
        headers: { "idempotency-key": chosen.key },
        upload: uploadOf(chosen),
      });
      return answer.status === 201 ? answer.body.items : [];
    },
    onDone: async (items) => {
      setAdded(items);
      await usersChanged(queryClient);
    },
    onFailed: noteIssues,
  });
  if (added) return <AddedPeople people={added} onClose={onClose} />;
  const failure = add.failure ?? look.failure;
  const choose = (file: File | undefined): void => {
    if (file === undefined || look.pending || add.pending) return;
    setFound(null);
    setIssues(null);
    look.run({ file, key: crypto.randomUUID() });
  };
  return (
    <Dialog title="Import people" wide onClose={onClose}>
      <div className={classes.content}>
        <p>
          A CSV file with a header and one person on each line: <code>username</code> and{" "}
          <code>displayName</code>, and if you like <code>email</code> and <code>roles</code>, with
          semicolons between several roles. Nobody is added before you have seen who it is.
        </p>
        <label className={classes.file}>
          <span>File</span>
          <input
            type="file"
            data-autofocus
            accept=".csv,text/csv"
            onClick={(event) => {
              // The same file may be chosen once more, after it has been mended.
              if (failure !== null) event.currentTarget.value = "";
            }}
            onChange={(event) => choose(event.currentTarget.files?.[0])}
          />
        </label>
        <div role="status">{look.pending && <p>Looking at the file…</p>}</div>
        {found && (
          <div>
            <p role="status">{peopleOf(found.people.length)} in the file, all of them new.</p>
            <div className={classes.list}>
              <ScrollRegion label="Who would be added">
                <ul className={classes.people}>
                  {found.people.map(({ line, username, displayName, email, roles }) => (
                    <li key={line}>
                      <strong>
                        <bdi>{displayName}</bdi>
                      </strong>
                      <span>
                        <bdi>{username}</bdi>
                        {email !== null && <bdi>{email}</bdi>}
                        <bdi>{roles.map(({ name }) => name).join(", ") || "no role"}</bdi>
                      </span>
                    </li>
                  ))}
                </ul>
              </ScrollRegion>
            </div>
          </div>
        )}
        <div role="alert">
          {failure !== null && (
            <Callout tone="danger" title={issues ? "Nobody was added" : "That did not work"}>
              {issues ? (
                <>
                  <p>
                    {issues.length === 1 ? "There is a mistake" : "There are mistakes"} in the file.
                    Mend {issues.length === 1 ? "it" : "them"}, and choose the file again.
                  </p>
                  <ul className={classes.issues}>
                    {issues.map(({ pointer, detail }) => (
                      <li key={`${pointer} ${detail}`}>
                        <strong>
                          <bdi>{placeInWords(pointer)}</bdi>
                        </strong>
                        : {detail}
                      </li>
                    ))}
                  </ul>
                </>
              ) : (
                failure.message
              )}
            </Callout>
          )}
        </div>
      </div>
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {found && (
          <Button loading={add.pending} onClick={() => add.run(found)}>
            Add {peopleOf(found.people.length)}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

const linkColumns = [
  { name: "username", label: "username", type: "text" as const },
  { name: "displayName", label: "displayName", type: "text" as const },
  { name: "link", label: "link", type: "text" as const },
  { name: "linkExpiresAt", label: "linkExpiresAt", type: "text" as const },
];

/** Their links are told here and nowhere else: whoever has not taken them is asked before. */
function AddedPeople({
  people,
  onClose,
}: {
  readonly people: Added;
  readonly onClose: () => void;
}): ReactNode {
  const [isTaken, setTaken] = useState(false);
  const [asks, setAsks] = useState(false);
  const [said, setSaid] = useState("");
  useLeaveWarning(!isTaken);
  const save = (): void => {
    const rows = people.map(({ username, displayName, link, linkExpiresAt }) => [
      username,
      displayName,
      link,
      linkExpiresAt,
    ]);
    saveFile(
      `links-${new Date().toISOString().slice(0, 10)}.csv`,
      new Blob([csvOf(linkColumns, rows)], { type: "text/csv;charset=utf-8" }),
    );
    setTaken(true);
    setSaid("Saved as a file.");
  };
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(
        people.map(({ username, link }) => `${username}\t${link}`).join("\n"),
      );
      setTaken(true);
      setSaid("Copied.");
    } catch {
      setSaid("The browser does not copy by itself: save them as a file.");
    }
  };
  const close = (): void => {
    if (isTaken || asks) onClose();
    else setAsks(true);
  };
  return (
    <Dialog title={`${peopleOf(people.length)} added`} wide onClose={close}>
      <div className={classes.content}>
        <p>
          Each of them chooses a password on a link of their own. It works once, for 72 hours, and
          is shown only here: hand the links on, and keep none.
        </p>
        <div className={classes.take}>
          <Button data-autofocus onClick={save}>
            Save the links as a file
          </Button>
          <Button variant="default" onClick={() => void copy()}>
            Copy all
          </Button>
          <span role="status">{said}</span>
        </div>
        <div className={classes.list}>
          <ScrollRegion label="Links">
            <ul className={classes.people}>
              {people.map(({ id, username, displayName, link }) => (
                <li key={id}>
                  <strong>
                    <bdi>{displayName}</bdi>
                  </strong>
                  <span className={classes.withLink}>
                    <bdi>{username}</bdi>
                    <code className={classes.link}>{link}</code>
                  </span>
                </li>
              ))}
            </ul>
          </ScrollRegion>
        </div>
        <div role="alert">
          {asks && !isTaken && (
            <Callout tone="warning" title="The links have not been saved or copied">
              Once this is closed nobody can see them again. A new one can be made on each person's
              page.
            </Callout>
          )}
        </div>
      </div>
      <DialogActions>
        <Button variant="default" onClick={close}>
          {asks && !isTaken ? "Close without the links" : "Close"}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
