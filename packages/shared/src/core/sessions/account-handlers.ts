import type { Account } from "../../contract/account.ts";
import type { Contract, HandlerInput } from "../../contract/contract.ts";
import type { Preferences } from "../../contract/preferences.ts";
import { recordOf, signedIn, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { requireMatch } from "../answering/entity-tags.ts";
import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { UserRights, UserStore } from "../users/user-store.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import { readSessionOfCaller } from "./start-session.ts";

type Own = Pick<UserRights, "user" | "preferences">;
type Edit = HandlerInput<Contract["PATCH /account"]>["body"];

const namesOfPreferences = ["language", "timeZone", "startPage", "colorScheme"] as const;

const describeAccount = ({ user, preferences }: Own): Account => ({
  id: user.id,
  username: user.username,
  email: user.email,
  displayName: user.displayName,
  language: preferences.language ?? null,
  timeZone: preferences.timeZone ?? null,
  startPage: preferences.startPage ?? null,
  colorScheme: preferences.colorScheme ?? null,
});

/** `en-gb` and `en-GB` are one language, and one text of it is kept. */
const canonical = ({ language, ...edit }: Edit): Edit => ({
  ...edit,
  ...(language !== undefined && {
    language: language === null ? null : (Intl.getCanonicalLocales(language)[0] ?? language),
  }),
});

/**
 * @param openable slugs of the sections that the user may open
 * @returns null where nothing changes
 * @throws AppError `validation_failed` (a start page that is none for this user)
 */
const decide = (
  own: Own,
  given: Edit,
  openable: readonly string[],
): {
  readonly writes: Parameters<UserStore["applyOwn"]>[1];
  readonly detail: Readonly<Record<"before" | "after", Readonly<Record<string, unknown>>>>;
} | null => {
  const edit = canonical(given);
  if (typeof edit.startPage === "string" && !openable.includes(edit.startPage)) {
    const detail = "You may open no section of this name.";
    throw new AppError("validation_failed", {
      detail,
      errors: [{ pointer: "/startPage", code: "unknown_section", detail }],
    });
  }
  const before = describeAccount(own);
  const after = { ...before, ...edit };
  const changed = (["displayName", ...namesOfPreferences] as const).filter(
    (name) => before[name] !== after[name],
  );
  if (changed.length === 0) return null;
  const sideOf = (side: Account): Readonly<Record<string, unknown>> =>
    Object.fromEntries(changed.map((name) => [name, side[name]]));
  const chosen = Object.fromEntries(
    namesOfPreferences.flatMap((name) => (after[name] === null ? [] : [[name, after[name]]])),
  ) as Preferences;
  return {
    writes: { displayName: after.displayName, preferences: chosen },
    detail: { before: sideOf(before), after: sideOf(after) },
  };
};

/** The handlers of one's own profile. */
export const createAccountHandlers = (
  dependencies: SessionDependencies,
): Pick<Handlers, "GET /account" | "PATCH /account"> => {
  const { stores, digests, now } = dependencies;

  /** The version of what administration changes too, and what the user has chosen. */
  const tagOf = ({ user, preferences }: Own): string =>
    `"${digests.tag(JSON.stringify([user.version, preferences]))}"`;
  const readOwn = async (context: RequestContext): Promise<UserRights> => {
    const rights = await stores.users.readRights(signedIn(context).userId);
    if (rights === null) throw new AppError("session_ended");
    return rights;
  };

  return {
    "GET /account": async ({ context, ok }) => {
      const own = await readOwn(context);
      return ok(200, describeAccount(own), { headers: { ETag: tagOf(own) } });
    },

    "PATCH /account": async ({ headers, body, context, ok }) => {
      await applyDecision(
        async () => {
          const own = await readOwn(context);
          const links =
            typeof body.startPage === "string" ? await stores.sections.listLinks(own.sections) : [];
          return { own, openable: links.map(({ slug }) => slug) };
        },
        ({ own, openable }) => {
          requireMatch(headers["if-match"], tagOf(own));
          return decide(own, body, openable);
        },
        async ({ own }, change) =>
          change === null
            ? "applied"
            : stores.users.applyOwn(own, change.writes, {
                ...recordOf(context),
                at: now(),
                action: "user.change",
                result: "success",
                subjectType: "user",
                subjectId: own.user.id,
                detail: change.detail,
              }),
      );
      const own = await readOwn(context);
      const session = await readSessionOfCaller(dependencies, context);
      return ok(200, { ...session, ...describeAccount(own) }, { headers: { ETag: tagOf(own) } });
    },
  };
};
