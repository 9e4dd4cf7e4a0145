import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { catchLostFocus } from "../../ui/lost-focus.ts";
import { Moment } from "../../ui/moment.tsx";
import { NoteField } from "../../ui/note-field.tsx";
import classes from "./request-access.module.css";

const longestNote = 500;

/**
 * Asks for the section of this address, whether there is one or not: what is said here is the same
 * for both.
 */
export function RequestAccess({ slug }: { readonly slug: string }): ReactNode {
  const client = useClient();
  const queryClient = useQueryClient();
  const [note, setNote] = useState("");
  const [writes, setWrites] = useState(false);
  // A refusal is found when the page is opened the next time.
  const own = useQuery({
    ...apiQuery(client, "GET /account/access-requests", {}),
    refetchOnMount: "always",
  });
  const ask = useChange({
    call: (caller, text: string) =>
      caller.call("POST /access-requests", {
        body: { section: slug, ...(text.trim() !== "" && { note: text }) },
      }),
    words: {
      fields: ["note"],
      codes: {
        rate_limited:
          "You have asked for so much that others have to answer first. Try again later.",
      },
    },
    onDone: async () => {
      await queryClient.invalidateQueries({ queryKey: ["GET /account/access-requests"] });
      setWrites(false);
      setNote("");
    },
  });
  const asked = own.data?.items.find(({ section }) => section === slug);
  const isOpen = asked !== undefined && !asked.answered;
  const hasForm = !isOpen || writes;
  useEffect(() => {
    // The form goes, and what was pressed with it.
    if (!hasForm) catchLostFocus();
  }, [hasForm]);
  if (own.isPending) return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask.run(note);
  };
  return (
    <>
      <div role="status">
        {isOpen && (
          <Callout tone="info" title="You have asked for access">
            <p>
              On <Moment at={asked.askedAt} />. If there is such a section, those who can grant it
              see your request.
            </p>
            {asked.note !== "" && (
              <p className={classes.note} dir="auto">
                {asked.note}
              </p>
            )}
          </Callout>
        )}
        {asked?.answered && (
          <Callout tone="info" title="Your request is no longer open">
            You asked on <Moment at={asked.askedAt} />, and still have no access to this page. You
            may ask again.
          </Callout>
        )}
      </div>
      {!hasForm ? (
        <div className={classes.change}>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setNote(asked.note);
              setWrites(true);
            }}
          >
            Change the note…
          </Button>
        </div>
      ) : (
        <form className={classes.form} noValidate onSubmit={submit}>
          <NoteField
            label="Note"
            description="What you need it for, for whoever answers. May be left empty."
            value={note}
            maxLength={longestNote}
            error={ask.failure?.fields.note}
            onChange={setNote}
          />
          <div role="alert">
            {ask.failure !== null && ask.failure.message !== null && (
              <Callout tone="danger">{ask.failure.message}</Callout>
            )}
          </div>
          <div>
            <Button type="submit" loading={ask.pending}>
              {isOpen ? "Save the note" : "Request access"}
            </Button>
          </div>
        </form>
      )}
    </>
  );
}
