/**
 * A session in which the user shows that they know the password. It is kept, and rotates as by a
 * refresh, so that a refresh at the same moment breaks nothing and an answer that is lost can be
 * had again. What the token is worth is looked at before the password: one that is in two hands is
 * told of, whoever knows what.
 */
import { recordOf, signedIn, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import type { User } from "../users/user-store.ts";
import { checkPassword } from "../users/password-policy.ts";
import { isFreshSignIn } from "../access/fresh-sign-in.ts";
import { hashDevice, readDevice } from "./known-devices.ts";
import { createRequestedRotations } from "./requested-rotations.ts";
import type { Presented } from "./rotate.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import { verifyCredentials } from "./sign-in.ts";

type Proved = Omit<NonNullable<Presented["proved"]>, "wasCurrent">;

const refusePassword = (weakness: Omit<ValidationIssue, "pointer">): AppError =>
  new AppError("validation_failed", {
    detail: weakness.detail,
    errors: [{ ...weakness, pointer: "/newPassword" }],
  });

export const createPasswordHandlers = (
  dependencies: SessionDependencies,
): Pick<Handlers, "POST /step-up" | "PUT /account/password"> => {
  const { stores, digests, passwords, cookies, now } = dependencies;
  const rotations = createRequestedRotations(dependencies);

  /** @throws AppError `refresh_invalid` for a token of another session, and as `look` */
  const present = async (
    key: string | undefined,
    refreshToken: string | undefined,
    context: RequestContext,
  ): Promise<(proved: Proved) => ReturnType<typeof rotations.rotate>> => {
    const presented = rotations.read(key, refreshToken, context);
    if (presented.token.sessionId !== signedIn(context).sessionId)
      throw new AppError("refresh_invalid");
    const wasCurrent = await rotations.look(presented);
    return (proved) => rotations.rotate({ ...presented, proved: { ...proved, wasCurrent } });
  };

  const callerOf = async (context: RequestContext): Promise<User> => {
    const rights = await stores.users.readRights(signedIn(context).userId);
    if (!rights) throw new AppError("session_ended");
    return rights.user;
  };

  const deviceOf = (context: RequestContext): string | null =>
    signedIn(context).via === "cookie" ? readDevice(context.header, cookies) : null;

  const stepUp = (context: RequestContext): Proved => ({
    audit: {
      ...recordOf(context),
      at: now(),
      action: "session.stepUp",
      result: "success",
      subjectType: "session",
      subjectId: signedIn(context).sessionId,
      detail: { factor: "password" },
    },
  });

  const changeTo = async (
    newPassword: string,
    { id, passwordHash }: User,
    context: RequestContext,
  ): Promise<Proved> => {
    const { sessionId } = signedIn(context);
    const { address, userAgent } = context;
    const to = await passwords.hash(newPassword, { kind: "session", key: sessionId });
    const device = deviceOf(context);
    const at = now();
    return {
      password: {
        from: passwordHash,
        to,
        device: device === null ? null : hashDevice(digests, device),
      },
      audit: {
        ...recordOf(context),
        at,
        action: "user.changePassword",
        result: "success",
        subjectType: "user",
        subjectId: id,
      },
      notice: { userId: id, kind: "passwordChanged", at, data: { address, userAgent, sessionId } },
    };
  };

  return {
    "POST /step-up": async ({ headers, body, context, ok }) => {
      const rotate = await present(headers["idempotency-key"], body.refreshToken, context);
      const { username } = await callerOf(context);
      await verifyCredentials(
        dependencies,
        { username, password: body.password, device: deviceOf(context) },
        context,
        "session.stepUp",
      );
      const { session, extras } = await rotate(stepUp(context));
      return ok(200, session, extras);
    },

    "PUT /account/password": async ({ headers, body, context, ok }) => {
      const { currentPassword, newPassword } = body;
      const rotate = await present(headers["idempotency-key"], body.refreshToken, context);
      const { username, displayName, email } = await callerOf(context);
      const weakness = checkPassword(
        newPassword,
        [username, displayName, email ?? ""],
        await passwords.loadCommon(),
      );
      if (weakness) throw refusePassword(weakness);
      if (newPassword === currentPassword)
        throw refusePassword({
          code: "password_same",
          detail: "This is the password that you have. Choose another.",
        });
      const change = async (): ReturnType<typeof rotate> => {
        const { user, password } = await verifyCredentials(
          dependencies,
          {
            username,
            password: currentPassword,
            device: deviceOf(context),
            // The answer to this very change may have been lost. Whoever has not proved a moment
            // ago who they are is given no second guess by that.
            otherwise: isFreshSignIn(signedIn(context).authTime, now()) ? newPassword : undefined,
          },
          context,
          "user.changePassword",
        );
        return rotate(
          password === newPassword ? stepUp(context) : await changeTo(newPassword, user, context),
        );
      };
      const { session, extras } = await change();
      return ok(200, session, extras);
    },
  };
};
