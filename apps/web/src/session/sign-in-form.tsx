import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";
import { useAppSession } from "./app-session-context.ts";
import { countdownInWords, waitOf, type Failure } from "./failures.ts";
import { useChange } from "./use-change.ts";
import { useCountdown } from "./use-countdown.ts";
import classes from "./sign-in-form.module.css";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/text-field.tsx";

interface Credentials {
  readonly username: string;
  readonly password: string;
}
type Asked = Credentials & { readonly remember?: boolean };

// A wrong name and a wrong password are the same failure.
const notRight = "The user name or the password is not right.";
const words = { codes: { invalid_credentials: notRight, validation_failed: notRight } };

const checkCredentials = ({
  username,
  password,
}: Credentials): Failure<keyof Credentials> | null => {
  const message = "Enter your user name and your password.";
  const fields = {
    ...(username === "" && { username: message }),
    ...(password === "" && { password: message }),
  };
  return Object.keys(fields).length > 0 ? { fields, message } : null;
};

/**
 * User name and password. On failure the name is kept and the password cleared. `onSignedIn` is
 * awaited: the form stays busy meanwhile.
 */
export function SignInForm({
  initialUsername = "",
  initiallyRemembered = true,
  onBusy,
  onSignedIn,
  secondary,
}: {
  readonly initialUsername?: string;
  readonly initiallyRemembered?: boolean;
  /** Called before the attempt and after it has failed. */
  readonly onBusy?: (busy: boolean) => void;
  readonly onSignedIn?: () => void | Promise<void>;
  readonly secondary?: ReactNode;
}): ReactNode {
  const [username, setUsername] = useState(initialUsername);
  const [password, setPassword] = useState("");
  const [remember, setRemember] = useState(initiallyRemembered);
  // With its tokens in the memory of the page, a session ends with it anyway.
  const canBeRemembered = useAppSession().delivery() === "cookie";
  // Whom the server lets wait, until when by this device's clock. Another name may have nothing to
  // wait for.
  const [wait, setWait] = useState<{ why: string; until: number; username: string } | null>(null);
  const waits = wait !== null && wait.username === username.trim();
  const secondsLeft = useCountdown(waits ? wait.until : null);
  const mayTry = secondsLeft === null || secondsLeft === 0;
  const usernameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  const {
    run,
    pending,
    failure: failed,
  } = useChange({
    call: (client, credentials: Asked) => {
      onBusy?.(true);
      return client.signIn(credentials);
    },
    check: checkCredentials,
    words,
    onDone: () => onSignedIn?.(),
    onFailed: (error, { username: tried }) => {
      const found = waitOf(error);
      if (found)
        setWait({ why: found.why, until: Date.now() + found.seconds * 1000, username: tried });
      setPassword("");
      onBusy?.(false);
      passwordField.current?.focus();
    },
  });
  const failure = failed?.message ?? null;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (pending || !mayTry) return;
    setWait(null);
    if (username.trim() === "") usernameField.current?.focus();
    else if (password === "") passwordField.current?.focus();
    run({
      username: username.trim(),
      password,
      ...(canBeRemembered && !remember && { remember: false }),
    });
  };

  return (
    <form className={classes.form} noValidate onSubmit={submit}>
      <div role="alert" data-seen={failure !== null && wait === null}>
        {failure !== null && wait === null && <Callout tone="danger">{failure}</Callout>}
        {/* Said once, with the time of day; what counts down beside it is for the eye alone. */}
        {failure !== null && wait !== null && <VisuallyHidden>{failure}</VisuallyHidden>}
      </div>
      {wait !== null && !(waits && mayTry) && (
        <div aria-hidden="true">
          <Callout tone="danger">
            {wait.why}
            {secondsLeft !== null && (
              <>
                {" "}
                Try again in{" "}
                <span className={classes.countdown}>{countdownInWords(secondsLeft)}</span>.
              </>
            )}
          </Callout>
        </div>
      )}
      <div role="status" data-seen={waits && mayTry}>
        {waits && mayTry && <Callout tone="info">You can try again now.</Callout>}
      </div>
      <TextField
        ref={usernameField}
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        maxLength={64}
        // The name is all there is to this page, so nobody is taken from elsewhere.
        autoFocus={initialUsername === ""}
        value={username}
        error={username.trim() === "" && failed?.fields.username !== undefined}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordField
        ref={passwordField}
        label="Password"
        name="password"
        autoComplete="current-password"
        maxLength={128}
        autoFocus={initialUsername !== ""}
        {...(initialUsername !== "" && { "data-autofocus": true })}
        value={password}
        error={password === "" && failed?.fields.password !== undefined}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {canBeRemembered && (
        <label className={classes.remember}>
          <input
            type="checkbox"
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
          Keep me signed in on this device
        </label>
      )}
      <div className={classes.actions}>
        <Button type="submit" size="md" fullWidth loading={pending} disabled={!mayTry}>
          Sign in
        </Button>
        {secondary}
      </div>
    </form>
  );
}
