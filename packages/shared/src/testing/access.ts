/**
 * What follows from an endpoint's access, method and inputs: one behaviour for each code that
 * `errorsOf` adds, made from the endpoint's example.
 */
import {
  contract,
  isUnsafe,
  methodOf,
  readsAccessToken,
  type ContractKey,
  type Endpoint,
  type ErrorCode,
  type Session,
} from "../contract/contract.ts";
import { ask, expectOutcome, type Input } from "./ask.ts";
import type { EndpointBehaviours, Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { keyGenerators } from "./idempotency.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { passwordOf, settings, type Subject } from "./subject.ts";

/** An endpoint's entry in the table, as far as it is the same for all. */
export type AnyBehaviours = Pick<EndpointBehaviours<ContractKey>, "prepare" | "gives"> & {
  readonly request: Input;
  readonly wrong?: Input & { readonly pointer: string };
  readonly another?: Input;
  readonly succeeds: Readonly<Record<number, Shown>>;
  readonly fails: { readonly [C in ErrorCode]?: Shown };
  readonly unchanged?: Shown;
};

type Generate = (key: ContractKey, entry: AnyBehaviours) => Shown;

const ofKeys = Object.fromEntries(
  Object.entries(keyGenerators).map(([code, generate]): [string, Generate] => [
    code,
    (key, { another = {}, ...entry }) => generate(key, { ...entry, another }),
  ]),
);

const definitionOf = (key: ContractKey): Endpoint => contract[key];

/** The example, asked for in the way that the endpoint guards most. */
const guarded = (key: ContractKey, { request }: AnyBehaviours): Input => {
  const { access } = definitionOf(key);
  return typeof access === "object" && "when" in access
    ? { ...request, query: { ...request.query, [access.when.query]: access.when.is } }
    : request;
};

/** Whoever may do everything, where the endpoint looks at who calls; nobody where it does not. */
const signInFor = (subject: Subject, key: ContractKey): Promise<Session | null> =>
  readsAccessToken(definitionOf(key).access) ? signInToAdminister(subject) : Promise.resolve(null);

const signInAndPrepare = async (
  subject: Subject,
  key: ContractKey,
  { prepare, request }: AnyBehaviours,
): Promise<{ readonly as: Session | null; readonly input: Input }> => {
  const as = await signInFor(subject, key);
  const prepared = as === null ? undefined : await prepare?.(subject, as);
  return { as, input: prepared?.request ?? request };
};

/** Without the body that belongs to it: another one is sent. */
const withBody = (
  { params = {}, query = {}, headers = {} }: Input,
  upload: NonNullable<Input["upload"]>,
): Input => ({ params, query, headers, upload });

const cutOff = (): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode("a,b\n"));
      controller.error(new Error("the connection is cut"));
    },
  });

/** Another token that looks like one, with as many segments. */
const tamperWith = (token: string): string => {
  const segments = token.split(".");
  const middle = segments[1] ?? "";
  segments[1] = `${middle.slice(0, 8)}${middle[8] === "A" ? "B" : "A"}${middle.slice(9)}`;
  return segments.join(".");
};

const foreignOrigins = ["https://evil.example", "http://localhost:5174", "null"];

const refusal =
  (code: "forbidden" | "section_forbidden", name: string): Generate =>
  (key, entry) => ({
    name,
    run: async (subject) => {
      const nora = await subject.signInAs("nora", { delivery: "body" });
      const { headers } = await expectOutcome(subject, code, key, guarded(key, entry), nora);
      same(headers.get("sallyport-session"), nora.session.id, "Sallyport-Session");
      if (code !== "section_forbidden") return;
      const unknown = { ...entry.request, params: { ...entry.request.params, slug: "nothing" } };
      const [one, other] = [
        await expectOutcome(subject, code, key, guarded(key, entry), nora),
        await expectOutcome(subject, code, key, unknown, nora),
      ];
      same(
        one.problem?.detail,
        other.problem?.detail,
        "what is said of a section that is not granted, and of one that does not exist",
      );
    },
  });

export const generators: { readonly [C in ErrorCode]?: Generate } = {
  ...ofKeys,
  token_missing: (key, entry) => ({
    name: "asks a visitor to sign in",
    run: async (subject) => {
      await expectOutcome(subject, "token_missing", key, guarded(key, entry));
      await expectOutcome(subject, "token_missing", key, {
        ...guarded(key, entry),
        credentials: "include",
      });
    },
  }),
  token_invalid: (key, entry) => ({
    name: "takes no token that has been tampered with, garbage or another scheme for an identity",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const input = guarded(key, entry);
      const presenting = (authorization: string): Input => ({
        ...input,
        headers: { ...input.headers, authorization },
      });
      await expectOutcome(
        subject,
        "token_invalid",
        key,
        presenting(`Bearer ${tamperWith(mica.accessToken ?? "")}`),
      );
      await expectOutcome(subject, "token_invalid", key, presenting("Bearer x.y.z"));
      await expectOutcome(subject, "token_invalid", key, presenting("Basic bWljYTp4"));
    },
  }),
  token_expired: (key, entry) => ({
    name: "takes an access token for five minutes, and another five seconds for clocks that differ",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await subject.advanceClock(305_000);
      await expectOutcome(subject, "token_expired", key, guarded(key, entry), mica);
    },
  }),
  token_stale: (key, entry) => ({
    name: "takes no token that was made before the caller's rights changed",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await subject.arrange({ kind: "grantGiven", person: "mica", section: "finance" });
      await expectOutcome(subject, "token_stale", key, guarded(key, entry), mica);
    },
  }),
  session_ended: (key, entry) => ({
    name: "takes no token of a session that has ended, and says why it has",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await expectOutcome(subject, 204, "POST /logout", {
        body: { refreshToken: mica.refreshToken },
      });
      const { problem } = await expectOutcome(
        subject,
        "session_ended",
        key,
        guarded(key, entry),
        mica,
      );
      same(problem?.reason, "signedOut", "the reason");
    },
  }),
  duplicate_cookie: (key, entry) => ({
    name: "does not choose where a cookie came twice",
    run: async (subject) => {
      const mica = await subject.signInAs("mica", { delivery: "cookie" });
      const isRefresh = definitionOf(key).access === "refresh-token";
      await subject.arrange({ kind: "cookieTwice", which: isRefresh ? "refresh" : "access" });
      if (isRefresh)
        await expectOutcome(subject, "duplicate_cookie", key, { credentials: "include" });
      else await expectOutcome(subject, "duplicate_cookie", key, guarded(key, entry), mica);
    },
  }),
  busy: (key, entry) =>
    isUnsafe(methodOf(key))
      ? showBusy(key, (subject) => signInAndPrepare(subject, key, entry))
      : {
          name: "is busy, and never a reason to sign in again, while nobody can be identified",
          run: async (subject) => {
            const as = await signInFor(subject, key);
            await subject.arrange({ kind: "busy", endpoint: key });
            await expectOutcome(subject, "busy", key, guarded(key, entry), as);
          },
        },
  forbidden: refusal("forbidden", "refuses who has not the permission"),
  section_forbidden: refusal(
    "section_forbidden",
    "refuses who has not been granted the section, in the words it has for one that does not exist",
  ),
  refresh_missing: (key) => ({
    name: "asks who brings no refresh token to sign in",
    run: async (subject) => {
      await expectOutcome(subject, "refresh_missing", key, {
        credentials: "include",
        headers: { "idempotency-key": "first" },
      });
      await expectOutcome(subject, "refresh_missing", key, { body: {} });
    },
  }),
  refresh_invalid: (key) => ({
    name: "takes no garbage for a refresh token, and ends no session for it",
    run: async (subject) => {
      const mike = await subject.signInAs("mike", { delivery: "body" });
      const token = mike.refreshToken ?? "";
      for (const refreshToken of [
        "garbage",
        `${token}x`,
        token.slice(0, -1),
        `${token.slice(0, -4)}AAAA`,
        token.toUpperCase(),
      ]) {
        const { problem } = await expectOutcome(subject, "refresh_invalid", key, {
          body: { refreshToken },
          headers: { "idempotency-key": "first" },
        });
        same(problem?.reason, undefined, "the reason");
      }
      await expectOutcome(subject, 200, key, {
        body: { refreshToken: token },
        headers: { "idempotency-key": "first" },
      });
    },
  }),
  one_use_token_invalid: (key, entry) => ({
    name: "takes no token that is not the link's, and none after half an hour",
    run: async (subject) => {
      const token = await subject.createSetupLink();
      const body = entry.request.body as object;
      await expectOutcome(subject, "one_use_token_invalid", key, {
        body: { ...body, token: "a guess" },
      });
      await subject.advanceClock(30 * 60_000);
      await expectOutcome(subject, "one_use_token_invalid", key, { body: { ...body, token } });
    },
  }),
  fresh_sign_in_required: (key, entry) => ({
    name: "wants a sign-in of the last five minutes, and takes a step-up for one",
    run: async (subject) => {
      const { as, input: prepared } = await signInAndPrepare(subject, key, entry);
      if (as === null) throw new Error(`${key} looks at nobody`);
      const input: Input =
        entry.gives === undefined
          ? prepared
          : { ...prepared, body: { ...(prepared.body as object), ...entry.gives } };
      await subject.advanceClock(5 * 60_000);
      const { headers } = await expectOutcome(subject, "fresh_sign_in_required", key, input, as);
      same(headers.get("sallyport-session"), as.session.id, "Sallyport-Session");
      const { body } = await expectOutcome(
        subject,
        200,
        "POST /step-up",
        {
          body: { password: passwordOf("mica"), refreshToken: as.refreshToken },
          headers: { "idempotency-key": "of-the-step-up" },
        },
        as,
      );
      const { code } = await ask(subject, key, input, body as Session);
      holds(code !== "fresh_sign_in_required", "a step-up is not fresh enough");
    },
  }),
  csrf_failed: (key, entry) => ({
    name: "does nothing for a cookie without the session's CSRF token, or with another session's",
    run: async (subject) => {
      const { csrfToken } = await subject.signInAs("mica", { delivery: "body" });
      const mica = await subject.signInAs("mica", { delivery: "cookie" });
      holds(csrfToken !== mica.csrfToken, "two sessions have one CSRF token");
      for (const wrong of [null, csrfToken, "wrong"])
        await expectOutcome(
          subject,
          "csrf_failed",
          key,
          { ...guarded(key, entry), csrfToken: wrong },
          mica,
        );
    },
  }),
  origin_forbidden: (key, entry) => ({
    name: "does nothing for a page of another origin, whatever it brings along",
    environment: "outsideAPage",
    run: async (subject) => {
      const as = await signInFor(subject, key);
      for (const origin of foreignOrigins) {
        await expectOutcome(subject, "origin_forbidden", key, { ...guarded(key, entry), origin });
        // Nobody has been identified yet, so that no session is named.
        const { headers } =
          as === null
            ? { headers: new Headers() }
            : await expectOutcome(
                subject,
                "origin_forbidden",
                key,
                { ...guarded(key, entry), origin },
                as,
              );
        same(headers.get("sallyport-session"), null, "Sallyport-Session");
      }
      if (as === null) return;
      const byCookie = await subject.signInAs("mica", { delivery: "cookie" });
      await expectOutcome(
        subject,
        "origin_forbidden",
        key,
        { ...guarded(key, entry), origin: null },
        byCookie,
      );
    },
  }),
  validation_failed: (key, { request, wrong }) => ({
    name: "points at a value that the contract does not allow, and at a parameter that it does not know",
    run: async (subject) => {
      const unknown = await expectOutcome(
        subject,
        "validation_failed",
        key,
        { ...request, query: { ...request.query, "a/b": "1" } },
        await signInFor(subject, key),
      );
      same(
        unknown.problem?.errors?.map((error) => error.pointer),
        ["/query/a~1b"],
        "the pointers to an unknown parameter",
      );
      if (wrong === undefined) return;
      const { pointer, ...input } = wrong;
      const { problem } = await expectOutcome(
        subject,
        "validation_failed",
        key,
        { ...input, ...(request.upload && { upload: request.upload }) },
        await signInFor(subject, key),
      );
      includes(
        problem?.errors?.map((error) => error.pointer),
        [pointer],
        "the pointers",
      );
      if (definitionOf(key).body === undefined) return;
      for (const content of ["[]", "7", '"text"', "null"]) {
        const reply = await expectOutcome(
          subject,
          "validation_failed",
          key,
          withBody(request, { type: "application/json", content }),
          await signInFor(subject, key),
        );
        same(reply.problem?.errors?.[0]?.pointer, "/", "the pointer to a body that is no object");
      }
    },
  }),
  malformed_json: (key, entry) => {
    const { upload, errors } = definitionOf(key);
    // Rows that are read after the answer are told of where it is told how that goes.
    const areReadAtOnce = errors.includes("rows_rejected");
    if (upload !== undefined && !(upload.includes("application/json") && areReadAtOnce))
      return {
        name: "says so where the body ended before its end",
        environment: "outsideAPage",
        beyondTheMock: "cutConnections",
        run: async (subject) => {
          const { as, input } = await signInAndPrepare(subject, key, entry);
          await expectOutcome(
            subject,
            "malformed_json",
            key,
            withBody(input, { type: "text/csv", content: cutOff() }),
            as,
          );
        },
      };
    return {
      name: "says so where the body is no JSON",
      run: async (subject) => {
        const { as, input } = await signInAndPrepare(subject, key, entry);
        for (const content of ["{", "{'a':1}", '{"a":1}{}'])
          await expectOutcome(
            subject,
            "malformed_json",
            key,
            withBody(input, { type: "application/json", content }),
            as,
          );
      },
    };
  },
  unsupported_media_type: (key, entry) => ({
    name: "reads no form and no plain text",
    run: async (subject) => {
      const { as, input } = await signInAndPrepare(subject, key, entry);
      for (const type of [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/jsonx",
      ])
        await expectOutcome(
          subject,
          "unsupported_media_type",
          key,
          withBody(input, { type, content: "a=b" }),
          as,
        );
    },
  }),
  body_too_large: (key, entry) => {
    const { upload, bodyLimitBytes } = definitionOf(key);
    const limit =
      upload === undefined
        ? (bodyLimitBytes ?? settings.bodyLimitBytes)
        : settings.uploadLimitMebibytes * 1024 * 1024;
    return {
      name: `reads no body of more than ${limit} bytes`,
      run: async (subject) => {
        const { as, input } = await signInAndPrepare(subject, key, entry);
        const content =
          upload === undefined
            ? `{"a":"${"x".repeat(limit)}"}`
            : `item\n${"figs and dates\n".repeat(Math.ceil(limit / 15))}`;
        const { problem } = await expectOutcome(
          subject,
          "body_too_large",
          key,
          withBody(input, { type: upload?.[0] ?? "application/json", content }),
          as,
        );
        // Who may send rows is told which setting it is; a limit that nobody can raise is only
        // named.
        same(
          /SALLYPORT_\w+`, now \d+/.exec(problem?.detail ?? "")?.[0],
          upload && `SALLYPORT_UPLOAD_LIMIT_MIB\`, now ${settings.uploadLimitMebibytes}`,
          "the setting and its value",
        );
        holds((problem?.detail ?? "").includes(`${limit} bytes`), "The limit is not said");
      },
    };
  },
  internal: (key, entry) => ({
    name: "says no more than that something went wrong where something has",
    run: async (subject) => {
      const as = await signInFor(subject, key);
      await subject.arrange({ kind: "handlerFails", endpoint: key });
      await expectOutcome(subject, "internal", key, guarded(key, entry), as);
    },
  }),
};
