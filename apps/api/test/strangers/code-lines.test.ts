/**
 * The lines of code in the published document: each is run as it stands, against the API as a
 * process.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  contract,
  methodOf,
  pathOf,
  type ContractKey,
  type Endpoint,
  type Session,
} from "@sallyport/shared/contract";
import { findFreePort, startApiProcess, type ApiProcess } from "../api-process.ts";

const run = promisify(execFile);

/** What makes comes before what needs it, and what ends a session last. */
const first: readonly ContractKey[] = [
  "POST /login",
  "POST /datasets",
  "POST /datasets/:name/rows",
  "PUT /datasets/:name/rows",
  "PUT /sections/:slug/definition",
];
const last: readonly ContractKey[] = [
  "DELETE /sections/:slug",
  "DELETE /datasets/:name",
  "POST /refresh",
  "POST /logout",
  "DELETE /account",
  "DELETE /account/sessions",
];
/** They take the token of a link. */
const withLink: readonly ContractKey[] = [
  "POST /setup",
  "POST /password-resets/check",
  "POST /password-resets/confirm",
  "POST /email-verifications/confirm",
];
const keys = (Object.keys(contract) as ContractKey[]).filter((key) => !withLink.includes(key));
const ordered = [
  ...first,
  ...keys.filter((key) => !first.includes(key) && !last.includes(key)),
  ...last,
];

let directory: string;
let api: ApiProcess;
let baseUrl: string;
let samples: Map<ContractKey, { readonly curl: string; readonly typescript: string }>;

let session: Session | undefined;
/** Of the examples, for those of this installation. */
let ids: Readonly<Record<string, string>>;

/** As far as this file needs it: the rest of its types belong to pages, which the API has not. */
interface Client {
  signIn(credentials: { username: string; password: string }): Promise<unknown>;
  changePassword(input: typeof changeBack): Promise<unknown>;
  state(): { readonly status: string };
  dispose(): void;
}
type Line = (client: Client, refreshToken: string, linkToken: string) => Promise<void>;
interface Lines {
  readonly createClient: (options: { baseUrl: string; delivery: "bearer" }) => Client;
  readonly lines: Readonly<Record<string, Line>>;
}

/** The lines for the typed client as one module. */
const writeLines = async (name: string): Promise<Lines> => {
  const lines = [...samples].map(
    ([key, { typescript }]) =>
      `  ${JSON.stringify(key)}: async (client, refreshToken, linkToken) => { ${typescript} },`,
  );
  const module = `import { createClient, type Client } from "@sallyport/shared/client";
type Line = (client: Client, refreshToken: string, linkToken: string) => Promise<void>;
export { createClient };
export const lines: Record<string, Line> = {
${lines.join("\n")}
};
`;
  const file = join(directory, name);
  writeFileSync(file, withIds(module));
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Lines;
};
const withIds = (text: string): string =>
  Object.entries(ids).reduce((before, [example, id]) => before.replaceAll(example, id), text);

const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<unknown> => {
  const response = await fetch(baseUrl + path, {
    method,
    headers: {
      ...(session && { authorization: `Bearer ${session.accessToken}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
};
const signInAs = async (
  username: string,
  password = `sample-${username}-passphrase`,
): Promise<Session> => {
  const response = await fetch(`${baseUrl}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password, delivery: "body" }),
  });
  return (await response.json()) as Session;
};
const signIn = async (): Promise<void> => {
  session = await signInAs("mica");
};

/** As the line for a change of password has it, and back. */
const changeBack = {
  currentPassword: "forty-two quiet herons",
  newPassword: "sample-mica-passphrase",
};

const start = async (options: Readonly<Record<string, string>>): Promise<void> => {
  const port = await findFreePort();
  baseUrl = `http://127.0.0.1:${port}`;
  api = await startApiProcess(port, {
    SALLYPORT_PUBLIC_URL: baseUrl,
    SALLYPORT_LOG_LEVEL: "silent",
    ...options,
  });
  const { paths } = (await (await fetch(`${baseUrl}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { "x-codeSamples": { source: string }[] }>>;
  };
  samples = new Map(
    (Object.keys(contract) as ContractKey[]).map((key) => {
      const path = pathOf(key).replaceAll(/:([A-Za-z]+)/g, "{$1}");
      const [curl, typescript] =
        paths[path]?.[methodOf(key).toLowerCase()]?.["x-codeSamples"] ?? [];
      return [key, { curl: curl?.source ?? "", typescript: typescript?.source ?? "" }];
    }),
  );
};

/** @returns the status that curl got */
const runCurl = async (key: ContractKey, variables: Record<string, string>): Promise<number> => {
  const line = withIds(samples.get(key)?.curl ?? "");
  expect(line).toMatch(/^curl .*http:\/\/127/);
  const { stdout } = await run("bash", ["-c", line], {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, CURL_HOME: directory, ...variables },
  }).catch((error: unknown) => error as { stdout: string });
  return Number(stdout.split("\n").at(-1));
};

const successesOf = (key: ContractKey): number[] =>
  Object.keys((contract[key] as Endpoint).responses).map(Number);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-lines-"));
  symlinkSync(
    fileURLToPath(new URL("../../node_modules", import.meta.url)),
    join(directory, "node_modules"),
  );
  writeFileSync(
    join(directory, "orders.csv"),
    "ordered_at,item,price\n2026-11-21T10:00:00Z,figs,4.50\n",
  );
  writeFileSync(join(directory, "people.csv"), "username,displayName\npilar,Pilar Brandt\n");
  // A stream of events has no end of its own.
  writeFileSync(
    join(directory, ".curlrc"),
    'silent\nmax-time = 3\nwrite-out = "\\n%{http_code}"\n',
  );
  await start({
    SALLYPORT_DATA_DIR: join(directory, "data"),
    SALLYPORT_SAMPLE_DATA: "1",
    SALLYPORT_MAILBOX: "1",
  });
  await signIn();
  const { panels } = (await call("GET", "/sections/marketing")) as {
    panels: { id: string; kind: string }[];
  };
  ids = {
    pan_Zr0nq6mJ1tq1p8xV3cJm0w: panels.find(({ kind }) => kind === "chart")?.id ?? "",
    // No link lasts longer than a year, and so no example forever.
    "2027-05-31T17:00:00Z": inAMonth(),
  };
}, 60_000);
afterAll(async () => {
  await api.kill();
  rmSync(directory, { recursive: true, force: true });
});

let people = 0;
const isAboutPeople = (key: ContractKey): boolean => /\/(?:users|roles|grants)\b/.test(key);

/** Which section a line changes. */
const changed: { readonly [K in ContractKey]?: string } = {
  "PATCH /sections/:slug": "marketing",
  "DELETE /sections/:slug": "orders-of-next-year",
};

/** Lines with what only this installation knows: they are written when it is known. */
const ofThisInstallation: readonly ContractKey[] = [
  "POST /access-requests/:accessRequestId/answer",
  "DELETE /display-links/:displayLinkId",
  "GET /imports/:importId",
  "PUT /imports/:importId/rows",
  "DELETE /imports/:importId",
  "PATCH /sections/:slug",
  "DELETE /sections/:slug",
  "PUT /section-order",
  "DELETE /account/sessions/:sessionId",
  "DELETE /sessions/:sessionId",
  "GET /users/:userId/sessions",
  "DELETE /users/:userId/sessions",
];

const changesSession: readonly ContractKey[] = [
  "POST /logout",
  "POST /refresh",
  "POST /step-up",
  "PUT /account/password",
];

/** The lines give each of them. */
const notYetAskedFor = ["people", "operations"];

/** Of the display link that was made last. */
let displayToken = "";
const makeDisplayLink = async (): Promise<{ id: string; link: string }> => {
  const made = { section: "marketing", name: "Hall", expiresAt: inAMonth() };
  return (await call("POST", "/display-links", made)) as { id: string; link: string };
};
const inAMonth = (): string =>
  new Date(Date.now() + 30 * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");

/** The sections that the lines make read the dataset that they delete in the end. */
const prepare = async (key: ContractKey): Promise<void> => {
  if (key === "DELETE /datasets/:name") {
    const { items } = (await call("GET", "/datasets/orders/readers")) as {
      items: { slug: string; title: string }[];
    };
    for (const { slug, title } of items)
      await call(
        "PUT",
        `/sections/${slug}/definition`,
        { slug, title, panels: [] },
        { "if-match": "*" },
      );
  }
  // The line makes it, and replaces none.
  if (key === "PUT /sections/:slug/definition")
    await call("DELETE", "/sections/orders", undefined, { "if-match": "*" });
  const slug = changed[key];
  if (slug !== undefined) {
    const { items } = (await call("GET", "/sections?scope=all&limit=200")) as {
      items: { slug: string; version: number }[];
    };
    const version = items.find((section) => section.slug === slug)?.version;
    ids = { ...ids, "1795339800003": String(version) };
  }
  if (key === "DELETE /account/sessions/:sessionId") {
    const { session: living } = await signInAs("mica");
    ids = { ...ids, ses_pOmy1gkF0Gq6CzcnS2w9Vg: living.id };
  }
  if (key === "DELETE /sessions/:sessionId" || key.includes(" /users/:userId/sessions")) {
    // Somebody else's: these lines end it.
    const { user, session: living } = await signInAs("mike");
    ids = {
      ...ids,
      usr_1mFh0Yw2o3RlHqBVhWQy0A: user.id,
      ses_pOmy1gkF0Gq6CzcnS2w9Vg: living.id,
    };
  }
  if (key === "PUT /section-order") {
    const response = await fetch(`${baseUrl}/section-order`, {
      headers: { authorization: `Bearer ${session?.accessToken}` },
    });
    const { items } = (await response.json()) as { items: { slug: string }[] };
    const slugs = items.map((section) => JSON.stringify(section.slug));
    ids = {
      ...ids,
      "9oSgX6Yf0hJ1p6vXw2nY1d3mE4kQ5rT7uB8cA0zL1sM": (response.headers.get("etag") ?? "").slice(
        1,
        -1,
      ),
      '["welcome","marketing"]': `[${slugs.join(",")}]`,
      '["welcome", "marketing"]': `[${slugs.join(", ")}]`,
    };
  }
  if (isAboutPeople(key)) {
    people += 1;
    const user = { username: `pia${people}`, displayName: "Pia", roleIds: [] };
    const role = { name: `readers${people}`, permissions: [] };
    const { id: userId } = (await call("POST", "/users", user)) as { id: string };
    const { id: roleId } = (await call("POST", "/roles", role)) as { id: string };
    ids = {
      ...ids,
      usr_9sQm1vXc4TzR6bKpWy0LeA: userId,
      rol_8Jx2mQv0Tz5bKc1RwY7nLg: roleId,
      rol_2Lk8sVb4QxW9n0TzRm6YcA: roleId,
      // Names of before are given to nobody.
      olga: `olga${people}`,
      editors: `editors${people}`,
    };
  }
  if (key.includes("/grants")) {
    const { usr_9sQm1vXc4TzR6bKpWy0LeA: userId } = ids;
    const given = { userId, section: "finance", expiresAt: "2099-01-31T17:00:00Z" };
    const isThere = key !== "POST /grants";
    const { id } = (isThere ? await call("POST", "/grants", given) : {}) as { id?: string };
    ids = {
      ...ids,
      usr_9sB2kWq7VxN3n8bRzLm5Tg: userId ?? "",
      grt_Qm3xV0c8Rz1bTn5KwY7fLg: id ?? "",
    };
  }
  if (key === "POST /access-requests/:accessRequestId/answer") {
    const { accessToken } = await signInAs("mike");
    const asking = { authorization: `Bearer ${accessToken}` };
    await call("POST", "/access-requests", { section: notYetAskedFor.pop() }, asking);
    const { items } = (await call("GET", "/access-requests?sort=-askedAt")) as {
      items: { id: string }[];
    };
    ids = { ...ids, acr_5hK2mWq0Tz8bXc3RwY7nLg: items[0]?.id ?? "" };
  }
  if (key === "DELETE /display-links/:displayLinkId" || key === "GET /display") {
    const { id, link } = await makeDisplayLink();
    ids = { ...ids, dsp_7nLgc3RwYXb0Tz8q5hK2mW: id };
    displayToken = new URL(link).hash.slice(1);
  }
  if (key.includes("/imports/:importId")) {
    // One that waits for its rows.
    const { id } = (await call("POST", "/imports", { dataset: "orders", mode: "append" })) as {
      id: string;
    };
    ids = { ...ids, imp_Zr0nq6mJ1tq1p8xV3cJm0w: id };
  }
};

describe("a line for curl", () => {
  it.each(ordered)("does %s", async (key) => {
    await prepare(key);
    // mica is the last admin.
    if (key === "DELETE /account") session = await signInAs("nora");
    const status = await runCurl(key, {
      ACCESS_TOKEN: session?.accessToken ?? "",
      REFRESH_TOKEN: session?.refreshToken ?? "",
      DISPLAY_TOKEN: displayToken,
    });
    expect(successesOf(key)).toContain(status);
    if (key === "PUT /account/password") {
      session = await signInAs("mica", changeBack.currentPassword);
      const { refreshToken } = session;
      await call(
        "PUT",
        "/account/password",
        { ...changeBack, refreshToken },
        { "idempotency-key": "back" },
      );
    }
    // What came of it is curl's.
    if (changesSession.includes(key) || key === "DELETE /account") await signIn();
  });
});

describe("a line for the typed client", () => {
  let lines: Lines["lines"];
  let client: Client;

  beforeAll(async () => {
    await signIn();
    const written = await writeLines("lines.ts");
    lines = written.lines;
    client = written.createClient({ baseUrl, delivery: "bearer" });
  }, 60_000);
  afterAll(() => client.dispose());

  it("has the types that it has to have", { timeout: 120_000 }, async () => {
    writeFileSync(
      join(directory, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          target: "es2024",
          lib: ["esnext", "dom", "dom.iterable"],
          module: "preserve",
          moduleResolution: "bundler",
          customConditions: ["sallyport-source"],
          allowImportingTsExtensions: true,
          skipLibCheck: true,
          types: [],
        },
        files: ["lines.ts"],
      }),
    );
    const { stdout } = await run(
      join(directory, "node_modules/.bin/tsc"),
      ["-p", "tsconfig.json"],
      { cwd: directory },
    ).catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe("");
  });

  it.each(ordered)("does %s", async (key) => {
    await prepare(key);
    if (ofThisInstallation.includes(key) || isAboutPeople(key))
      ({ lines } = await writeLines(`lines-${ordered.indexOf(key)}.ts`));
    if (key === "DELETE /account")
      await client.signIn({ username: "frida", password: "sample-frida-passphrase" });
    if (key === "DELETE /account/sessions")
      await client.signIn({ username: "mica", password: "sample-mica-passphrase" });
    const done = lines[key]?.(client, session?.refreshToken ?? "", "");
    // The client has a session, which no display link is.
    if (key === "GET /display") await expect(done).rejects.toMatchObject({ code: "not_found" });
    else await expect(done).resolves.toBeUndefined();
    // All but the client's own, and so that of this file.
    if (key === "PUT /account/password") await client.changePassword(changeBack);
    if (key === "DELETE /sessions" || key === "PUT /account/password") await signIn();
  });
});

describe("the line for a link to choose a password", () => {
  const makeLink = async (): Promise<string> => {
    people += 1;
    const person = { username: `pia${people}`, displayName: "Pia" };
    const { link } = (await call("POST", "/users", person)) as { link: string };
    return new URL(link).hash.slice(1);
  };

  it(
    "says whose it is and chooses one, with curl and the typed client",
    { timeout: 30_000 },
    async () => {
      await signIn();
      const { createClient, lines } = await writeLines("lines-of-links.ts");
      const client = createClient({ baseUrl, delivery: "bearer" });
      const [ofCurl, ofClient] = [await makeLink(), await makeLink()];
      for (const key of ["POST /password-resets/check", "POST /password-resets/confirm"] as const) {
        expect(successesOf(key)).toEqual([await runCurl(key, { LINK_TOKEN: ofCurl })]);
        await expect(lines[key]?.(client, "", ofClient)).resolves.toBeUndefined();
      }
      client.dispose();
    },
  );
});

describe("the line for a link that verifies an address", () => {
  it("verifies it, with curl and the typed client", { timeout: 90_000 }, async () => {
    const { createClient, lines } = await writeLines("lines-of-addresses.ts");
    const client = createClient({ baseUrl, delivery: "bearer" });
    const key = "POST /email-verifications/confirm";
    const sendLink = async (username: string): Promise<string> => {
      const { user } = await signInAs(username);
      await signIn();
      const email = `${username}@elsewhere.example.com`;
      await call("PATCH", `/users/${user.id}`, { email }, { "if-match": "*" });
      session = await signInAs(username);
      await call("POST", "/email-verifications");
      return vi.waitFor(
        async () => {
          const mails = (await (await fetch(`${baseUrl}/mailbox`)).text()).split("</article>");
          const mail = mails.find((one) => one.includes(`<bdi>${email}</bdi>`)) ?? "";
          const token = /\/verify-email#([\w-]{43})/.exec(mail)?.[1];
          if (token === undefined) throw new Error(`No mail has come for ${email}`);
          return token;
        },
        { timeout: 60_000, interval: 200 },
      );
    };
    expect(await runCurl(key, { LINK_TOKEN: await sendLink("mike") })).toBe(200);
    await expect(lines[key]?.(client, "", await sendLink("mica"))).resolves.toBeUndefined();
    client.dispose();
  });
});

describe("the line for the setup link", () => {
  const startEmpty = async (): Promise<string> => {
    await api.kill();
    const data = mkdtempSync(join(directory, "empty-"));
    await start({ SALLYPORT_DATA_DIR: data });
    const link = /https?:\S+/.exec(readFileSync(join(data, "setup-link"), "utf8"))?.[0] ?? "";
    return new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
  };

  it("creates the first admin with curl", { timeout: 30_000 }, async () => {
    const token = await startEmpty();
    expect(await runCurl("POST /setup", { LINK_TOKEN: token })).toBe(200);
  });

  it("creates the first admin with the typed client", { timeout: 30_000 }, async () => {
    const token = await startEmpty();
    const { createClient, lines } = await writeLines("lines-of-setup.ts");
    const client = createClient({ baseUrl, delivery: "bearer" });
    await lines["POST /setup"]?.(client, "", token);
    expect(client.state().status).toBe("signedIn");
    client.dispose();
  });
});
