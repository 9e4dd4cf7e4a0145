import { useState, type FormEvent, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import type { Failure } from "../../session/failures.ts";
import { useChange } from "../../session/use-change.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { MessagePage } from "../../ui/message-page.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { TextField } from "../../ui/text-field.tsx";
import classes from "./forgotten-password-page.module.css";

interface Values {
  readonly usernameOrEmail: string;
}

const check = ({ usernameOrEmail }: Values): Failure<keyof Values> | null =>
  usernameOrEmail.trim() === ""
    ? { fields: { usernameOrEmail: "Enter your user name or your address." }, message: null }
    : null;

/** Where somebody asks for a link who has forgotten their password. */
export function ForgottenPasswordPage(): ReactNode {
  const [usernameOrEmail, setUsernameOrEmail] = useState("");
  const ask = useChange({
    call: (client, body: Values) => client.call("POST /password-resets", { body }),
    check,
    words: { fields: ["usernameOrEmail"] },
  });
  if (ask.isDone)
    return (
      <MessagePage
        title="Look at your mail"
        takesFocus
        actions={
          <Link to={paths.signIn()} {...buttonLook({ variant: "default" })}>
            Back to sign-in
          </Link>
        }
      >
        <p>
          If there is such an account here, and its address is verified, a link is on its way. It
          works once, for ten minutes, in any browser.
        </p>
        <p>
          If nothing comes, look among the unwanted mail, or ask the person who runs this dashboard:
          they can make a link for you.
        </p>
      </MessagePage>
    );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask.run({ usernameOrEmail });
  };
  const { failure } = ask;
  return (
    <div className={classes.page}>
      <PageHeading
        title="Forgotten password"
        lead="A link is sent to your address, on which you choose another."
      >
        Forgotten your password?
      </PageHeading>
      <form className={classes.form} noValidate onSubmit={submit}>
        <TextField
          label="User name or e-mail address"
          name="usernameOrEmail"
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={254}
          autoFocus
          value={usernameOrEmail}
          error={failure?.fields.usernameOrEmail}
          onChange={(event) => setUsernameOrEmail(event.currentTarget.value)}
        />
        <div role="alert">
          {failure !== null && failure.message !== null && (
            <Callout tone="danger">{failure.message}</Callout>
          )}
        </div>
        <Button type="submit" size="md" loading={ask.pending}>
          Send the link
        </Button>
        <p className={classes.back}>
          <Link to={paths.signIn()}>Back to sign-in</Link>
        </p>
      </form>
    </div>
  );
}
