import { useClientState } from "@sallyport/shared/react";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Link, Navigate, useLoaderData, useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useAppSession } from "../../session/app-session-context.ts";
import { cookiesComeBack } from "../../session/cookies-come-back.ts";
import { NewPasswordField } from "../../session/new-password-field.tsx";
import { useChange } from "../../session/use-change.ts";
import { Callout } from "../../ui/callout.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import {
  checkSetup,
  setupFields,
  setupWords,
  type SetupField,
  type SetupValues,
} from "./setup-failures.ts";
import { takeSetupToken } from "./setup-token.ts";
import classes from "./setup-page.module.css";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/text-field.tsx";

const labels: Readonly<Record<SetupField, string>> = {
  token: "Setup token",
  displayName: "Your name",
  username: "User name",
  email: "E-mail address",
  password: "Password",
};

/** The first admin of a new installation. */
export function SetupPage(): ReactNode {
  const [linkToken, setLinkToken] = useState(useLoaderData<string | null>());
  const app = useAppSession();
  const state = useClientState();
  const navigate = useNavigate();
  const [values, setValues] = useState({
    token: linkToken ?? "",
    displayName: "",
    username: "",
    email: "",
    password: "",
  });
  const create = useChange({
    call: (client, { token, displayName, username, email, password }: SetupValues) =>
      client.setUp({
        token: token.trim(),
        displayName: displayName.trim(),
        username: username.trim(),
        email: email.trim(),
        password,
      }),
    check: checkSetup,
    words: setupWords,
    onDone: async () =>
      navigate((await cookiesComeBack(app)) ? paths.home() : paths.cookiesBlocked(), {
        replace: true,
      }),
  });
  const { failure } = create;
  const errors = failure?.fields ?? {};
  const message = failure?.message ?? null;
  const form = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLDivElement>(null);
  const failedFields = setupFields.filter((field) => errors[field] !== undefined);

  useEffect(() => {
    // A link put into the address bar of this page changes the fragment alone, and loads nothing.
    const take = (): void => {
      const token = takeSetupToken();
      if (token === null) return;
      setLinkToken(token);
      setValues((before) => ({ ...before, token }));
    };
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);

  useEffect(() => {
    if (failure !== null) summary.current?.focus();
  }, [failure]);

  // Its own way on decides where it leads to.
  if (state.status === "signedIn" && !create.pending && !create.isDone)
    return <Navigate to={paths.home()} replace />;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.run(values);
  };
  const field = (name: SetupField) => ({
    label: labels[name],
    name,
    id: `setup-${name}`,
    required: true,
    value: values[name],
    error: errors[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <div className={classes.page}>
      <PageHeading
        title="Set up"
        lead="Create the first admin. Admins decide who may see which section."
      >
        Welcome
      </PageHeading>
      <form ref={form} className={classes.form} noValidate onSubmit={submit}>
        {failure !== null && (
          <div ref={summary} tabIndex={-1} className={classes.summary} role="alert">
            <Callout
              tone="danger"
              {...(failedFields.length > 0 && {
                title:
                  failedFields.length === 1
                    ? "One thing needs your attention"
                    : `${failedFields.length} things need your attention`,
              })}
            >
              {message !== null && <p>{message}</p>}
              {failedFields.length > 0 && (
                <ul className={classes.errors}>
                  {failedFields.map((name) => (
                    <li key={name}>
                      <button
                        type="button"
                        onClick={() =>
                          form.current?.querySelector<HTMLInputElement>(`#setup-${name}`)?.focus()
                        }
                      >
                        {labels[name]}: {errors[name]}
                      </button>
                    </li>
                  ))}
                </ul>
              )}
            </Callout>
          </div>
        )}
        {linkToken === null && (
          <TextField
            {...field("token")}
            description="From the setup link that the first start printed, or from the file it named."
            autoComplete="off"
            autoFocus
          />
        )}
        <TextField
          {...field("displayName")}
          autoComplete="name"
          maxLength={100}
          autoFocus={linkToken !== null}
        />
        <TextField
          {...field("username")}
          description="What you sign in with. Letters, digits, dot, underscore and hyphen."
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
        <TextField {...field("email")} type="email" autoComplete="email" maxLength={254} />
        <NewPasswordField
          {...field("password")}
          notMadeOf={[values.username, values.displayName, values.email]}
        />
        <Button type="submit" size="md" loading={create.pending} className={classes.create}>
          Create the admin
        </Button>
      </form>
      <p className={classes.instead}>
        Already set up? <Link to={paths.signIn()}>Sign in</Link>
      </p>
    </div>
  );
}
