/** Steps that behaviours of people take. */
import type { Session, User } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import { holds } from "./differences.ts";
import { logIn } from "./steps.ts";
import type { Person, Subject } from "./subject.ts";

/** Of nobody: ids are random, so that a behaviour looks up whom it is about. */
export const nobody = { userId: `usr_${"A".repeat(22)}` };
export const olga = { username: "Olga", displayName: "Olga Ö", email: "olga@example.com" };
export const password = "some long words of olga";
export const importKey = "POST /users/import";
export const asPeople = (...lines: readonly string[]) =>
  ({
    type: "text/csv",
    content: `username,displayName,email,roles\n${lines.join("\n")}\n`,
  }) as const;

export interface NewUser extends User {
  readonly link: string;
  readonly linkExpiresAt: string;
}
export const tokenIn = ({ link }: Pick<NewUser, "link">): string =>
  link.slice(link.indexOf("#") + 1);

export const listUsers = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<{
  readonly items: readonly User[];
  readonly nextCursor: string | null;
  readonly total: number;
}> =>
  (await expectOutcome(subject, 200, "GET /users", { query }, as)).body as {
    items: User[];
    nextCursor: string | null;
    total: number;
  };

export const findUser = async (subject: Subject, as: Session, name: string): Promise<User> => {
  const { items } = await listUsers(subject, as, { q: name });
  const found = items.find(({ username }) => username === name);
  holds(found !== undefined, `there is ${name}`);
  return found;
};

export const tagOf = async (subject: Subject, as: Session, userId: string): Promise<string> => {
  const { headers } = await expectOutcome(
    subject,
    200,
    "GET /users/:userId",
    { params: { userId } },
    as,
  );
  return headers.get("etag") ?? "";
};

/** Changes somebody as they are now. */
export const changeUser = async (
  subject: Subject,
  as: Session,
  name: string,
  body: object,
  outcome: Parameters<typeof expectOutcome>[1] = 200,
) => {
  const { id } = await findUser(subject, as, name);
  const headers = { "if-match": await tagOf(subject, as, id) };
  return expectOutcome(
    subject,
    outcome,
    "PATCH /users/:userId",
    { params: { userId: id }, headers, body },
    as,
  );
};

export const addOlga = async (subject: Subject, as: Session, more: object = {}): Promise<NewUser> =>
  (await expectOutcome(subject, 201, "POST /users", { body: { ...olga, ...more } }, as))
    .body as NewUser;

/** Olga, who may change people and nothing else, signed in. */
export const signInOlga = async (subject: Subject, mica: Session, roleIds: readonly string[]) => {
  const made = await addOlga(subject, mica, { roleIds });
  await expectOutcome(subject, 204, "POST /password-resets/confirm", {
    body: { token: tokenIn(made), newPassword: password },
  });
  return (await logIn(subject, 200, "olga", password)).body as Session;
};

export const roleNamed = async (subject: Subject, mica: Session, name: string): Promise<string> => {
  for (const person of ["mica", "mike"] satisfies Person[]) {
    const role = (await findUser(subject, mica, person)).roles.find((one) => one.name === name);
    if (role) return role.id;
  }
  throw new Error(`Nobody is in ${name}`);
};

export const onNora = async (subject: Subject, mica: Session): Promise<Input> => {
  const { id: userId } = await findUser(subject, mica, "nora");
  return { params: { userId }, headers: { "if-match": await tagOf(subject, mica, userId) } };
};

/** Pia, who may read and change people, and has no section: by a role that mica makes. */
export const signInPia = async (subject: Subject, mica: Session): Promise<Session> => {
  const { body } = await expectOutcome(
    subject,
    201,
    "POST /roles",
    { body: { name: "people", permissions: ["users:read", "users:write"] } },
    mica,
  );
  return signInOlga(subject, mica, [(body as { readonly id: string }).id]);
};
