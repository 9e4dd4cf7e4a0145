/** Steps that behaviours of several subjects take: signing in, refreshing, looking. */
import { problem, type ErrorCode, type Session } from "../contract/contract.ts";
import { expectOutcome, type Input, type Reply } from "./ask.ts";
import { same } from "./differences.ts";
import type { Person, Sent, Subject } from "./subject.ts";

export const second = 1_000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;
export const anybody: Input = { credentials: "include" };

/** A client that keeps its tokens itself. */
export const signIn = (subject: Subject, person: Person = "mike"): Promise<Session> =>
  subject.signInAs(person, { delivery: "body" });

export const refresh = (
  subject: Subject,
  outcome: 200 | ErrorCode,
  { refreshToken }: Pick<Session, "refreshToken">,
  key: string,
): Promise<Reply> =>
  expectOutcome(subject, outcome, "POST /refresh", {
    body: { refreshToken },
    headers: { "idempotency-key": key },
  });

export const renew = async (subject: Subject, session: Session, key: string): Promise<Session> => {
  const { body, headers } = await refresh(subject, 200, session, key);
  same(headers.get("idempotency-replayed"), null, "Idempotency-Replayed");
  return body as Session;
};

export const logIn = (
  subject: Subject,
  outcome: 200 | ErrorCode,
  username: string,
  password: string,
): Promise<Reply> =>
  expectOutcome(subject, outcome, "POST /login", {
    body: { username, password, delivery: "body" },
  });

/** A look that is no use of the contract: addresses and methods that it does not have. */
export const look = async (
  subject: Subject,
  path: string,
  sent: Sent = {},
): Promise<{ status: number; code: string | undefined; headers: Headers }> => {
  const { status, headers, ...response } = await subject
    .fetch(path, { credentials: "omit", ...sent })
    .then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }));
  const found = response.text === "" ? undefined : (JSON.parse(response.text) as unknown);
  const parsed = problem.safeParse(found);
  if (parsed.success) same(found, parsed.data, `undeclared members in the problem of ${path}`);
  return { status, code: parsed.success ? parsed.data.code : undefined, headers };
};
