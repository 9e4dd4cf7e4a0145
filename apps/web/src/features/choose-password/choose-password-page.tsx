import { isApiError, type Contract, type ResponseBody } from "@sallyport/shared/client";
import {
  isWorthRetrying,
  retryDelayOf,
  useClient,
  useClientState,
  useSession,
} from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { Link, useLoaderData } from "react-router";
import { paths } from "../../paths.ts";
import { failureOf, type Failure } from "../../session/failures.ts";
import { NewPasswordField } from "../../session/new-password-field.tsx";
import { shortestPassword } from "../../session/shortest-password.ts";
import { useChange } from "../../session/use-change.ts";
import { UsernameForKeepers } from "../../session/username-for-keepers.tsx";
import { AgainButton } from "../../ui/again-button.tsx";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { formatDateTime } from "../../ui/times.ts";
import { MessagePage } from "../../ui/message-page.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import classes from "./choose-password-page.module.css";
import { takeLinkToken } from "../../session/link-token.ts";

interface Values {
  readonly token: string;
  readonly newPassword: string;
}

const checkPassword = ({ newPassword }: Values): Failure<"newPassword"> | null =>
  [...newPassword].length < shortestPassword
    ? { fields: { newPassword: `Use at least ${shortestPassword} characters.` }, message: null }
    : null;

type LinkCheck = ResponseBody<Contract["POST /password-resets/check"]>;

const inWords = (error: unknown): string | null => failureOf(error, {}, new Date()).message;

const isDead = (error: unknown): boolean => isApiError(error, "one_use_token_invalid");

/** Whoever holds it can do nothing with it: before anything is typed. */
const DeadLink = (): ReactNode => (
  <MessagePage title="This link no longer works" takesFocus>
    <p>
      Each link works once, and until a newer one is made for you: for 72 hours, or for ten minutes
      where it came by mail. If you have chosen your password on it already,{" "}
      <Link to={paths.signIn()}>sign in</Link> with that. Otherwise have another sent, or ask the
      person who gave you this link.
    </p>
  </MessagePage>
);

/** Where a link leads that somebody was given to choose their password by. */
export function ChoosePasswordPage(): ReactNode {
  const [token, setToken] = useState(useLoaderData<string | null>());
  const client = useClient();
  useEffect(() => {
    // A link put into the address bar of this page changes the fragment alone, and loads nothing.
    const take = (): void => {
      const found = takeLinkToken();
      if (found !== null) setToken(found);
    };
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  const check = useQuery({
    queryKey: ["POST /password-resets/check", token],
    queryFn: ({ signal }) =>
      client.call(
        "POST /password-resets/check",
        { body: { token: token ?? "" } },
        { signal, sessionless: true },
      ),
    enabled: token !== null,
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
    // Once used it is dead, which the form tells by itself.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

  if (token === null)
    return (
      <MessagePage title="Choose your password">
        <p>
          This page is opened by a link that you are given for it, and the address has none in it.
          Open the whole link, or ask the person who sent it for another.
        </p>
      </MessagePage>
    );
  if (check.data) return <PasswordForm key={token} token={token} link={check.data} />;
  if (isDead(check.error)) return <DeadLink />;
  if (check.error)
    return (
      <MessagePage
        title="The link could not be looked at"
        actions={
          <AgainButton pending={check.isFetching} onClick={() => void check.refetch()}>
            Try again
          </AgainButton>
        }
      >
        <p>{inWords(check.error)}</p>
      </MessagePage>
    );
  return (
    <div className={classes.page}>
      <Loading what="link">
        <SkeletonBlock height="12rem" />
      </Loading>
    </div>
  );
}

function PasswordForm({
  token,
  link: { user, linkExpiresAt },
}: {
  readonly token: string;
  readonly link: LinkCheck;
}): ReactNode {
  const [password, setPassword] = useState("");
  const [hasDied, setDied] = useState(false);
  const { status } = useClientState();
  const session = useSession();
  const choose = useChange({
    call: (client, body: Values) => client.call("POST /password-resets/confirm", { body }),
    check: checkPassword,
    words: { fields: ["newPassword"] },
    onFailed: (error) => setDied(isDead(error)),
  });

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
        <p>
          Sign in with it and your user name, <strong dir="auto">{user.username}</strong>.
        </p>
      </MessagePage>
    );
  if (hasDied) return <DeadLink />;
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
      <p className={classes.whose}>
        For <strong dir="auto">{user.displayName}</strong>, who signs in as{" "}
        <strong dir="auto">{user.username}</strong>. This link works until{" "}
        {formatDateTime(new Date(linkExpiresAt))}.
      </p>
      {session && session.user.username !== user.username && (
        <div className={classes.note}>
          <Callout tone="warning">
            You are signed in as <strong dir="auto">{session.user.displayName}</strong>, and this
            link is for another account.
          </Callout>
        </div>
      )}
      <form className={classes.form} noValidate onSubmit={submit}>
        <UsernameForKeepers username={user.username} />
        <NewPasswordField
          label="New password"
          name="newPassword"
          notMadeOf={[user.username, user.displayName]}
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
