import type { CallerInput, Contract, ResponseBody } from "@sallyport/shared/client";

export type AuditEvent = ResponseBody<Contract["GET /audit-events"]>["items"][number];
export type Action = NonNullable<
  NonNullable<CallerInput<Contract["GET /audit-events"]>["query"]>["action"]
>;

/** What happened, in words; an action without any is told by its name. */
export const actionWords: Readonly<Partial<Record<Action, string>>> = {
  "access.denied": "Access denied",
  "accessRequest.answer": "Access request answered",
  "accessRequest.make": "Access asked for",
  "account.export": "All about themselves exported",
  "auditTrail.export": "Audit trail exported",
  "dataset.change": "Dataset changed",
  "dataset.create": "Dataset created",
  "dataset.delete": "Dataset deleted",
  "dataset.deleteRows": "Rows deleted",
  "dataset.import": "Rows imported",
  "displayLink.end": "Display link ended",
  "displayLink.make": "Display link made",
  "grant.add": "Section granted",
  "grant.remove": "Grant taken away",
  "role.change": "Role changed",
  "role.create": "Role created",
  "role.delete": "Role deleted",
  "section.change": "Section changed",
  "section.create": "Section created",
  "section.delete": "Section deleted",
  "section.order": "Sections put in order",
  "section.replace": "Section replaced",
  "session.end": "Session ended",
  "session.endAll": "Everybody’s sessions ended",
  "session.endOthers": "Own other sessions ended",
  "session.refresh.newerThanDatabase": "Refresh token newer than the database",
  "session.refresh.otherLine": "Refresh token of another line",
  "session.refresh.reuse": "Old refresh token used",
  "session.replace": "Session replaced",
  "session.setup": "Set up",
  "session.signIn": "Signed in",
  "session.signOut": "Signed out",
  "session.signOutEverywhere": "Signed out everywhere",
  "session.stepUp": "Password confirmed",
  "signingKey.rotate": "Signing key rotated",
  "user.askEmailVerification": "Link for verifying an address sent",
  "user.askPasswordReset": "Link for a forgotten password sent",
  "user.change": "User changed",
  "user.changePassword": "Password changed",
  "user.choosePassword": "Password chosen",
  "user.create": "User created",
  "user.createAdmin": "Admin created",
  "user.delete": "User deleted",
  "user.endSessions": "Sessions of a user ended",
  "user.export": "Users exported",
  "user.makePasswordLink": "Link for a password made",
  "user.verifyEmail": "Address verified",
};

/** An event may be older or newer than this page. */
export const inWords = (action: string): string =>
  (Object.hasOwn(actionWords, action) ? actionWords[action as Action] : undefined) ?? action;

/** Whoever runs the installation is no user of it. */
export const isByTool = ({ detail }: Pick<AuditEvent, "detail">): boolean =>
  detail["by"] === "command line";

const memberWords: Readonly<Record<string, string>> = {
  displayName: "Name",
  username: "User name",
  email: "E-mail",
};

/** What a member of a detail is called on the screens. */
export const memberInWords = (name: string): string =>
  (Object.hasOwn(memberWords, name) ? memberWords[name] : undefined) ??
  name
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** Members that differ, as texts; those of a value that is no object are one without a name. */
export interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? "–"
    : typeof value === "string"
      ? value
      : Array.isArray(value) && value.every((one) => typeof one !== "object")
        ? value.map(String).join(", ") || "–"
        : JSON.stringify(value, null, 1);

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : value === undefined || value === null
      ? {}
      : { "": value };

/** What a change has changed, member by member. */
export const changesOf = ({ detail }: Pick<AuditEvent, "detail">): readonly Change[] => {
  const before = membersOf(detail["before"]);
  const after = membersOf(detail["after"]);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({ name, before: textOf(before[name]), after: textOf(after[name]) }))
    .filter((change) => change.before !== change.after);
};

/** What else an event tells, beside what it changed. */
export const restOf = ({ detail }: Pick<AuditEvent, "detail">): readonly [string, string][] =>
  Object.entries(detail)
    .filter(([name]) => name !== "before" && name !== "after")
    .map(([name, value]) => [name, textOf(value)]);
