import { useClientState, useSession } from "@sallyport/shared/react";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { Link, useLoaderData } from "react-router";
import { paths } from "../../paths.ts";
import type { Failure } from "../../session/failures.ts";
import { useChange } from "../../session/use-change.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { MessagePage } from "../../ui/message-page.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { PasswordField } from "../../ui/password-field.tsx";
import classes from "./choose-password-page.module.css";
import { takeLinkToken } from "./link-token.ts";

const shortestPassword = 15;

interface Values {
  readonly token: string;
  readonly newPassword: string;
}

const checkPassword = ({ newPassword }: Values): Failure<"newPassword"> | null =>
  [...newPassword].length < shortestPassword
    ? { fields: { newPassword: `Use at least ${shortestPassword} characters.` }, message: null }
    : null;

/** Where a link leads that somebody was given to choose their password by. */
export function ChoosePasswordPage(): ReactNode {
  const [token, setToken] = useState(useLoaderData<string | null>());
  const [password, setPassword] = useState("");
  const { status } = useClientState();
  const session = useSession();
  const choose = useChange({
    call: (client, body: Values) => client.call("POST /password-resets/confirm", { body }),
    check: checkPassword,
    words: {
      fields: ["newPassword"],
      codes: {
        one_use_token_invalid:
          "This link is not valid: it has been used, it is too old, or a newer one was made. Ask the person who sent it for another.",
      },
    },
  });

  useEffect(() => {
    // A link put into the address bar of this page changes the fragment alone, and loads nothing.
    const take = (): void => {
      const found = takeLinkToken();
      if (found !== null) setToken(found);
    };
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);

  if (choose.isDone)
    return (
      <MessagePage
        title="Your password is set"
        takesFocus
        actions={
          <Link to={status === "signedIn" ? paths.home() : paths.signIn()} {...buttonLook()}>
            {status === "signedIn" ? "Go to the start" : "Sign in"}
          </Link>
        }
      >
        <p>Sign in with it and the user name that you were given.</p>
      </MessagePage>
    );
  if (token === null)
    return (
      <MessagePage title="Choose your password">
        <p>
          This page is opened by a link that you are given for it, and the address has none in it.
          Open the whole link, or ask the person who sent it for another.
        </p>
      </MessagePage>
    );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    choose.run({ token, newPassword: password });
  };
  const { failure } = choose;
  return (
    <div className={classes.page}>
      <PageHeading title="Choose your password" lead="You will sign in with it from now on.">
        Choose your password
      </PageHeading>
      {session && (
        <div className={classes.note}>
          <Callout tone="warning">
            You are signed in as <strong>{session.user.displayName}</strong>. This link may be for
            another account.
          </Callout>
        </div>
      )}
      <form className={classes.form} noValidate onSubmit={submit}>
        <PasswordField
          label="New password"
          name="newPassword"
          description={`At least ${shortestPassword} characters. A few unrelated words are easy to remember and hard to guess.`}
          autoComplete="new-password"
          maxLength={128}
          autoFocus
          value={password}
          error={failure?.fields.newPassword}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div role="alert">
          {failure !== null && failure.message !== null && (
            <Callout tone="danger">{failure.message}</Callout>
          )}
        </div>
        <Button type="submit" size="md" loading={choose.pending}>
          Set the password
        </Button>
      </form>
    </div>
  );
}
