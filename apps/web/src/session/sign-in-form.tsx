import { useClient } from "@sallyport/shared/react";
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";
import { countdownInWords, signInFailureInWords, waitOf } from "./sign-in-failures.ts";
import { useCountdown } from "./use-countdown.ts";
import classes from "./sign-in-form.module.css";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/text-field.tsx";

/** User name and password. On failure the name is kept and the password cleared. `onSignedIn` is awaited: the form stays busy meanwhile. */
export function SignInForm({
  initialUsername = "",
  onBusy,
  onSignedIn,
  secondary,
}: {
  readonly initialUsername?: string;
  /** Called before the attempt and after it has failed. */
  readonly onBusy?: (busy: boolean) => void;
  readonly onSignedIn?: () => void | Promise<void>;
  readonly secondary?: ReactNode;
}): ReactNode {
  const client = useClient();
  const [username, setUsername] = useState(initialUsername);
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // Whom the server lets wait, until when by this device's clock. Another name may have nothing to wait for.
  const [wait, setWait] = useState<{ why: string; until: number; username: string } | null>(null);
  const waits = wait !== null && wait.username === username.trim();
  const secondsLeft = useCountdown(waits ? wait.until : null);
  const mayTry = secondsLeft === null || secondsLeft === 0;
  const usernameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || !mayTry) return;
    if (username.trim() === "" || password === "") {
      setFailure("Enter your user name and your password.");
      (username.trim() === "" ? usernameField : passwordField).current?.focus();
      return;
    }
    setBusy(true);
    onBusy?.(true);
    setFailure(null);
    setWait(null);
    try {
      await client.signIn({ username: username.trim(), password });
      await onSignedIn?.();
    } catch (error) {
      setFailure(signInFailureInWords(error, new Date()));
      const found = waitOf(error);
      if (found)
        setWait({
          why: found.why,
          until: Date.now() + found.seconds * 1000,
          username: username.trim(),
        });
      setPassword("");
      onBusy?.(false);
      passwordField.current?.focus();
    }
    setBusy(false);
  };

  const emptyFields = failure === "Enter your user name and your password.";
  return (
    <form className={classes.form} noValidate onSubmit={(event) => void submit(event)}>
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
        error={emptyFields && username.trim() === ""}
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
        error={emptyFields && password === ""}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <div className={classes.actions}>
        <Button type="submit" size="md" fullWidth loading={busy} disabled={!mayTry}>
          Sign in
        </Button>
        {secondary}
      </div>
    </form>
  );
}
