/** What an answer tells of the session. */
import type { ContractKey, Session } from "../contract/contract.ts";
import type { ClientEnvironment } from "./environment.ts";
import { notOurs, type Answer } from "./request.ts";

/** The access token is no good: the codes of that are those that speak of a token. */
export const isDeadToken = ({ status, problem }: Answer): boolean =>
  status === 401 && problem?.code.startsWith("token_") === true;

/** Another tab may have changed the session: the server has to be asked who is signed in. */
export const isSessionInDoubt = ({ problem }: Answer): boolean =>
  problem?.code === "session_ended" || problem?.code === "csrf_failed";

/**
 * @throws NetworkError, since a body that is no session would be taken for one and break whatever
 * reads it later
 */
export const sessionOf = (key: ContractKey, { status, body }: Answer): Session => {
  if (
    typeof (body as Session | undefined)?.user?.id === "string" &&
    typeof (body as Session).session?.id === "string"
  )
    return body as Session;
  throw notOurs(key, status);
};

/**
 * When its access token dies by this device's clock. @param sentAt when the request was sent, as
 * `elapsed` tells it
 */
export const expiresAtOf = (
  environment: ClientEnvironment,
  session: Session,
  sentAt: number,
): number => environment.wallClock() - (environment.elapsed() - sentAt) + session.expiresIn * 1000;
