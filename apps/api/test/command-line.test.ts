/** The process itself: the command-line tool and the server, each a child of the test. */
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { problem } from "@sallyport/shared/contract";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createTestApp, createTestClock, openElsewhere } from "./test-app.ts";
import { request, signInForBody } from "./test-browser.ts";
import { api, createDirectory, run, start } from "./tool.ts";

const reserveServer = async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
};
const freePort = async (): Promise<number> => {
  const { server, port } = await reserveServer();
  server.close();
  await once(server, "close");
  return port;
};

// A child takes a second to start on a busy machine, and some tests start several.
vi.setConfig({ testTimeout: 30_000 });

it("--version says the version of the workspace, and needs no settings", async () => {
  const { version } = JSON.parse(readFileSync(join(api, "..", "..", "package.json"), "utf8")) as {
    version: string;
  };
  expect(
    await run(createDirectory(), ["--version"], {
      environment: { SALLYPORT_PORT: "none" },
      ownProcess: true,
    }),
  ).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

it("a data directory that was not there, such as one mistyped, is said to be a new installation", async () => {
  const directory = join(createDirectory(), "mistyped");
  const list = () => run(directory, ["datasets", "list"]);
  expect(await list()).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /mistyped was not there: a new installation begins in it\..*SALLYPORT_DATA_DIR/,
    ),
  });
  expect(await list()).toMatchObject({ code: 0, stderr: "" });
});

describe("users", () => {
  it(
    "are added, listed and let in again by the tool, a sole admin who is locked out too",
    { timeout: 60_000 },
    async () => {
      const directory = createDirectory();
      const admin = ["admin", "create", "--username", "ada", "--email", "ada@example.com"];
      await run(directory, admin, { input: "forty-two quiet herons\n" });
      const made = await run(directory, [
        "users",
        "create",
        "--username",
        "Mike",
        "--role",
        "admin",
      ]);
      expect(made).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Mike was added\..*\/choose-password#[\w-]{43}\n/s),
      });
      expect(
        await run(directory, ["users", "create", "--username", "pia", "--role", "none"]),
      ).toMatchObject({ code: 1, stderr: expect.stringContaining("There are: admin.") });
      expect(await run(directory, ["users", "list"])).toMatchObject({
        code: 0,
        stdout: "ada\tada\tada@example.com\tadmin\tactive\nMike\tMike\t-\tadmin\tno password\n",
      });
      expect(await run(directory, ["users", "reset-password", "nobody"])).toMatchObject({
        code: 1,
        stderr: "There is no user nobody.\n",
      });
      const { stdout } = await run(directory, ["users", "reset-password", "ADA"]);
      const token = /choose-password#([\w-]{43})/.exec(stdout)?.[1];
      const app = await createTestApp({
        dataDirectory: directory,
        realPasswords: true,
        environment: { SALLYPORT_SAMPLE_DATA: "0" },
      });
      onTestFinished(() => app.close());
      const newPassword = "seven slow grey geese";
      expect(
        await request(app, "POST", "/password-resets/confirm", { body: { token, newPassword } }),
      ).toMatchObject({ status: 204 });
      expect(
        await request(app, "POST", "/login", {
          body: { username: "ada", password: newPassword, delivery: "body" },
        }),
      ).toMatchObject({ status: 200, body: { roles: ["admin"] } });
      expect(app.auditEvents("user.makePasswordLink")).toMatchObject([
        { detail: { by: "command line", linkExpiresAt: expect.any(String) } },
      ]);
      expect(app.auditEvents("user.choosePassword")).toMatchObject([
        { detail: { by: "link", madeBy: "command line" } },
      ]);
    },
  );
});

describe("admin create", () => {
  it("reads the password from standard input, and never shows it", async () => {
    const directory = createDirectory();
    const password = "forty-two quiet herons";
    const outcome = await run(
      directory,
      ["admin", "create", "--username", "Ada", "--email", "ada@example.com"],
      { input: `${password}\nignored\n`, ownProcess: true },
    );
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toMatch(/^Admin Ada created \(usr_[A-Za-z0-9_-]{22}\)\.\n$/);

    const app = await createTestApp({
      dataDirectory: directory,
      realPasswords: true,
      environment: { SALLYPORT_SAMPLE_DATA: "0" },
    });
    onTestFinished(() => app.close());
    expect(
      await request(app, "POST", "/login", {
        body: { username: "ada", password, delivery: "body" },
      }),
    ).toMatchObject({ status: 200, body: { roles: ["admin"] } });
    expect(app.auditEvents("user.createAdmin")).toMatchObject([{ detail: { by: "command line" } }]);
  });

  it("says in words what is wrong, with exit code 1 and without a stack", async () => {
    const directory = createDirectory();
    const create = (username: string, email: string, input: string, ownProcess = false) =>
      run(directory, ["admin", "create", "--username", username, "--email", email], {
        input,
        ownProcess,
      });
    const outcomes = await Promise.all([
      create("ada", "ada@example.com", "short\n", true),
      create("ada", "ada@example.com", ""),
      create("a b", "nowhere", "forty-two quiet herons\n"),
      run(directory, ["admin", "create", "--username", "ada"]),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(outcomes[0]?.stderr).toMatch(/at least 15 characters/);
    expect(outcomes[1]?.stderr).toMatch(/No password/);
    expect(outcomes[2]?.stderr).toMatch(/username: .*\nemail: /);
    expect(outcomes[3]?.stderr).toMatch(/--email/);
    expect(outcomes.map(({ stderr }) => stderr).join()).not.toMatch(/\n\s+at /);
  });

  it("refuses a name that is taken, in any spelling", async () => {
    const directory = createDirectory();
    const create = (username: string, email: string) =>
      run(directory, ["admin", "create", "--username", username, "--email", email], {
        input: "forty-two quiet herons\n",
      });
    expect((await create("ada", "ada@example.com")).code).toBe(0);
    expect(await create("ＡＤＡ", "other@example.com")).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("setup-link", () => {
  it("writes the link to a file that only its owner can read, and not into the output", async () => {
    const directory = createDirectory();
    const outcome = await run(directory, ["setup-link"], {
      environment: {
        SALLYPORT_WEB_ORIGINS: "https://app.example.com",
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
      },
    });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const link = readFileSync(join(directory, "setup-link"), "utf8");
    expect(link).toMatch(/^https:\/\/app\.example\.com\/setup#token=[A-Za-z0-9_-]{43}\n$/);
    expect(outcome.stdout).not.toContain(link.split("=")[1]?.trim());
    for (const file of ["setup-link", "secret", "sallyport.db"])
      expect([file, statSync(join(directory, file)).mode & 0o777]).toEqual([file, 0o600]);
  });

  it("leads to the folder that the pages lie in", async () => {
    const directory = createDirectory();
    const environment = {
      SALLYPORT_WEB_ORIGINS: "https://app.example.com,https://name.github.io",
      SALLYPORT_WEB_URL: "https://name.github.io/repo/",
      SALLYPORT_PUBLIC_URL: "https://api.example.com",
    };
    expect(await run(directory, ["setup-link"], { environment })).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(readFileSync(join(directory, "setup-link"), "utf8")).toMatch(
      /^https:\/\/name\.github\.io\/repo\/setup#token=/,
    );
  });

  it("is refused once there is an admin, and says how to make another", async () => {
    const app = await createTeamApp();
    const outcome = await run(app.dataDirectory, ["setup-link"]);
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/There is an admin already.*: node \S+main\.ts admin create\n/);
    expect(existsSync(join(app.dataDirectory, "setup-link"))).toBe(false);
  });
});

describe("the data directory", () => {
  it("is meant from where the user stands, wherever npm runs the script", async () => {
    const [stands, runs] = [createDirectory(), createDirectory()];
    const outcomeIn = async (environment: Record<string, string>, cwd: string) =>
      (await start(["setup-link"], environment, { cwd }).outcome).code;
    expect(await outcomeIn({ INIT_CWD: stands, SALLYPORT_DATA_DIR: "./mine" }, runs)).toBe(0);
    expect(await outcomeIn({ INIT_CWD: stands }, runs)).toBe(0);
    expect(await outcomeIn({}, runs)).toBe(0);
    for (const directory of [join(stands, "mine"), join(stands, "data"), join(runs, "data")])
      expect([directory, existsSync(join(directory, "secret"))]).toEqual([directory, true]);
    expect(existsSync(join(runs, "mine"))).toBe(false);
  });

  it("and the program may lie where the path has spaces and letters of any script", async () => {
    const place = join(createDirectory(), "my täam 100% №1");
    mkdirSync(place);
    for (const part of ["src", "migrations", "package.json"])
      cpSync(join(api, part), join(place, part), { recursive: true });
    symlinkSync(join(api, "node_modules"), join(place, "node_modules"));
    const { child, outcome } = start(
      ["setup-link"],
      { SALLYPORT_DATA_DIR: join(place, "dätä") },
      { program: join(place, "src", "main.ts") },
    );
    child.stdin?.end();
    expect(await outcome).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("dätä was not there"),
    });
    expect(existsSync(join(place, "dätä", "sallyport.db"))).toBe(true);
  });

  it("or database that cannot be used is explained, with exit code 1 and without a stack", async () => {
    const directory = createDirectory();
    const file = join(directory, "file");
    writeFileSync(file, "");
    const damaged = join(directory, "damaged");
    mkdirSync(damaged);
    writeFileSync(join(damaged, "sallyport.db"), "no database ".repeat(1000));
    const environment = {
      SALLYPORT_SECRET: "YJPrwa9Zb6l5y0sk4xkz5dPW0mJSSHeNyzfzNcVYpVg",
      SALLYPORT_PORT: "0",
    };
    const outcomes = await Promise.all([
      run(file, ["serve"], { environment }),
      run(join(file, "below"), ["setup-link"], { environment }),
      // Where not even root makes a directory.
      run("/sys/sallyport", ["serve"], { environment }),
      run(damaged, ["serve"], { environment }),
      run(damaged, ["sessions", "purge"], { environment }),
      run(directory, ["serve"], {
        environment: { ...environment, SALLYPORT_DATABASE_URL: `file://${directory}/missing/x.db` },
      }),
      run(directory, ["serve"], {
        environment: { ...environment, SALLYPORT_DATABASE_URL: `file://${damaged}` },
      }),
    ]);
    const said = outcomes.map(({ code, stdout, stderr }) => [
      code,
      stdout,
      stderr
        .replaceAll(directory, "DIR")
        .replace(/ \(.*?\)\. /s, " (…). ")
        .trim(),
    ]);
    const unusable = (place: string) => [
      1,
      "",
      `The data directory ${place} cannot be used (…). Make it a directory with free space that the user who runs Sallyport may write to, or name another one in SALLYPORT_DATA_DIR.`,
    ];
    const damage = [
      1,
      "",
      "The database DIR/damaged/sallyport.db is damaged, or is no SQLite database (…). Restore it from a backup, or move it and its -wal and -shm files away to begin with an empty one.",
    ];
    const closed = (place: string) => [
      1,
      "",
      `The database ${place} cannot be opened for writing (…). Its directory must exist, and it, its directory and its -wal and -shm files must be writable for the user that runs Sallyport.`,
    ];
    expect(said).toEqual([
      unusable("DIR/file"),
      unusable("DIR/file/below"),
      unusable("/sys/sallyport"),
      damage,
      damage,
      closed("DIR/missing/x.db"),
      closed("DIR/damaged"),
    ]);
  });
});

describe("grants", () => {
  const outcomeOf = async (app: TeamApp, ...arguments_: string[]) =>
    run(app.dataDirectory, ["grants", ...arguments_]);

  it("added and removed bite on the next request of an API that is running", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "nora");
    expect((await client.send("GET", "/sections/finance")).status).toBe(403);

    expect(await outcomeOf(app, "add", "--user", "NORA", "--section", "finance")).toMatchObject({
      code: 0,
      stdout: "User NORA may now see the section finance. In force from the next request.\n",
    });
    expect(await client.send("GET", "/sections/finance")).toMatchObject({
      status: 401,
      body: { code: "token_stale" },
    });
    await client.refresh("k1");
    expect((await client.send("GET", "/sections/finance")).status).toBe(200);
    expect((await outcomeOf(app, "add", "--user", "nora", "--section", "finance")).stdout).toMatch(
      /has that grant already/,
    );

    expect((await outcomeOf(app, "remove", "--user", "nora", "--section", "finance")).code).toBe(0);
    expect(await client.send("GET", "/sections/finance")).toMatchObject({
      status: 401,
      body: { code: "token_stale" },
    });
    await client.refresh("k2");
    expect((await client.send("GET", "/sections/finance")).status).toBe(403);
    const changes = app.auditEvents().filter(({ subjectId }) => subjectId === app.userIds.nora);
    expect(changes.map(({ action }) => action)).toEqual(["grant.add", "grant.remove"]);
  });

  it("go to roles and to every section as well", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect(
      (await outcomeOf(app, "add", "--role", "marketing", "--section", "_all_")).stdout,
    ).toMatch(/Role marketing may now see every section/);
    await client.refresh("k1");
    expect((await client.send("GET", "/sections/finance")).status).toBe(200);
  });

  it("name whoever or whatever does not exist, and change nothing", async () => {
    const app = await createTeamApp();
    const outcomes = await Promise.all([
      outcomeOf(app, "add", "--user", "nobody", "--section", "finance"),
      outcomeOf(app, "add", "--user", "mike", "--section", "nowhere"),
      outcomeOf(app, "remove", "--user", "mike", "--role", "admin", "--section", "finance"),
    ]);
    expect(outcomes.map(({ code, stderr }) => [code, stderr.trim()])).toEqual([
      [1, "User nobody does not exist."],
      [1, "Section nowhere does not exist."],
      [1, "Name either --user or --role."],
    ]);
    expect(app.runSql("SELECT id FROM grants")).toHaveLength(2);
  });
});

describe("keys rotate", () => {
  const kidOf = (token: string) =>
    (JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string })
      .kid;
  const hours = 3_600_000;

  it("changes the signing key of a running API at its next maintenance, and logs nobody out", async () => {
    // The ring is older than the command, whose clock is the machine's.
    const app = await createTeamApp({ clock: createTestClock(Date.now() - 2 * hours) });
    app.clock.advance(2 * hours);
    const client = await signInForBody(app, "mike");
    const outcome = await run(app.dataDirectory, ["keys", "rotate"]);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const kid = /^Key (\S+) signs/.exec(outcome.stdout)?.[1];

    expect((await client.send("GET", "/session")).status).toBe(200);
    app.clock.advance(120_000);
    await app.dependencies.maintain();
    expect((await client.send("GET", "/session")).status).toBe(200);
    expect((await client.refresh("k1")).status).toBe(200);
    expect(kidOf(client.accessToken)).toBe(kid);
    expect((await client.send("GET", "/session")).status).toBe(200);
  });

  it("waits with a key that is too new for verifiers to know it, and says until when", async () => {
    const app = await createTeamApp({ clock: createTestClock(Date.now()) });
    const { code, stdout } = await run(app.dataDirectory, ["keys", "rotate"]);
    const signsFrom = Date.parse(/ from (\S+) on/.exec(stdout)?.[1] ?? "");
    expect([code, signsFrom - app.clock.now()]).toEqual([0, 3_900_000]);
  });

  it("replaces every key at once where they have leaked", async () => {
    const app = await createTeamApp({ clock: createTestClock(Date.now()) });
    const client = await signInForBody(app, "mike");
    const { code, stdout } = await run(app.dataDirectory, ["keys", "rotate", "--leaked"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/restart it now/)]);
    app.clock.advance(60_000);
    await app.dependencies.maintain();
    expect((await client.send("GET", "/session")).body.code).toBe("token_invalid");
    await client.refresh("k1");
    expect(stdout).toContain(kidOf(client.accessToken));
  });
});

describe("sessions purge", () => {
  it("deletes what died more than thirty days ago and says how many", async () => {
    const day = 24 * 60 * 60 * 1000;
    const app = await createTeamApp({ clock: createTestClock(Date.now()) });
    await signInForBody(app, "mike");
    await signInForBody(app, "nora");
    app.runSql(
      "UPDATE sessions SET ended_at = ?, end_reason = 'signedOut' WHERE user_id = ?",
      Date.now() - 31 * day,
      app.userIds.mike,
    );
    expect(await run(app.dataDirectory, ["sessions", "purge"])).toMatchObject({
      code: 0,
      stdout: "1 session purged.\n",
    });
    expect(await run(app.dataDirectory, ["sessions", "purge"])).toMatchObject({
      code: 0,
      stdout: "0 sessions purged.\n",
    });
    expect(app.runSql("SELECT user_id FROM sessions")).toEqual([{ user_id: app.userIds.nora }]);
  });
});

describe("the tool", () => {
  it("names every wrong setting at once, exits 1 and starts nothing", async () => {
    const directory = join(createDirectory(), "never-made");
    const outcome = await run(directory, ["serve"], {
      environment: {
        SALLYPORT_PORT: "many",
        SALLYPORT_SECRET: "hunter2-hunter2",
        SALLYPORT_PROT: "1",
      },
    });
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    for (const name of ["SALLYPORT_PORT", "SALLYPORT_SECRET", "SALLYPORT_PROT"])
      expect(outcome.stderr).toContain(name);
    expect(outcome.stderr).not.toMatch(/hunter2|\n\s+at /);
    expect(existsSync(directory)).toBe(false);
  });

  it("advises commands as they can be typed: as npm runs them, or as it was started itself", async () => {
    const refused = async (environment: Record<string, string>): Promise<string> => {
      const directory = join(createDirectory(), "never-made");
      const wrong = { SALLYPORT_PORT: "many", ...environment };
      return (await run(directory, ["serve"], { environment: wrong })).stderr;
    };
    expect(await refused({ npm_lifecycle_event: "serve" })).toContain(
      "List them all with: npm run sallyport -- settings\n",
    );
    expect(await refused({})).toMatch(/List them all with: node \S+main\.ts settings\n/);
  });

  it("says what it can do when no command is named, and starts nothing", async () => {
    const directory = join(createDirectory(), "never-made");
    const outcome = await run(directory, [], { ownProcess: true });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    for (const command of [
      "serve",
      "admin",
      "setup-link",
      "sessions",
      "grants",
      "keys",
      "settings",
    ])
      expect(outcome.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(existsSync(directory)).toBe(false);
  });

  it("refuses an unknown command, and lists the settings", async () => {
    const directory = createDirectory();
    const [unknown, settings] = await Promise.all([
      run(directory, ["nonsense"], { ownProcess: true }),
      run(directory, ["settings"]),
    ]);
    expect(unknown.code).toBe(1);
    expect(settings.code).toBe(0);
    for (const name of [
      "SALLYPORT_SECRET",
      "SALLYPORT_WEB_ORIGINS",
      "SALLYPORT_REFRESH_PER_MINUTE",
    ])
      expect(settings.stdout).toContain(name);
  });
});

describe("the server", () => {
  const serve = async (directory: string) => {
    const port = await freePort();
    const server = start(["serve"], {
      SALLYPORT_DATA_DIR: directory,
      SALLYPORT_PORT: String(port),
      SALLYPORT_PUBLIC_URL: `http://localhost:${port}`,
    });
    // Said once it listens, since nobody is an admin yet.
    await server.said("There is no admin yet");
    return { ...server, port };
  };
  const read = async (socket: Socket, text: string): Promise<string> => {
    let received = "";
    socket.setEncoding("utf8");
    while (!received.includes(text)) received += String((await once(socket, "data"))[0]);
    return received;
  };

  it("answers, offers the setup link, and on SIGTERM finishes what is under way and exits 0", async () => {
    const directory = createDirectory();
    const { child, outcome, port } = await serve(directory);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const token = readFileSync(join(directory, "setup-link"), "utf8").split("token=")[1]?.trim();

    const body = JSON.stringify({
      token,
      username: "ada",
      displayName: "Ada",
      email: "ada@example.com",
      password: "forty-two quiet herons",
      delivery: "body",
    });
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST /setup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await read(socket, "100 Continue");
    socket.write(body.slice(0, 10));
    child.kill("SIGTERM");
    const refused = connect(port, "127.0.0.1");
    // Half a request is in, and the signal too: new connections are refused or closed, this one is
    // answered.
    refused.on("error", () => {});
    socket.write(body.slice(10));
    expect(await read(socket, "signedIn")).toMatch(/^HTTP\/1\.1 200 /);
    refused.destroy();

    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/"shutting down"[\s\S]*"stopped"/);
    expect(stdout).not.toMatch(/still under way|open to other users/);
    expect(stdout).not.toContain(token);
    const database = openElsewhere(directory, { readonly: true });
    expect(database.runSql("SELECT username FROM users")).toEqual([{ username: "ada" }]);
    database.close();
  });

  it("exits 0 on SIGINT although a connection is kept alive", async () => {
    const { child, outcome, port } = await serve(createDirectory());
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await read(socket, '{"status":"ok"}');
    child.kill("SIGINT");
    expect((await outcome).code).toBe(0);
  });

  it("exits 0 although a request never ends: its connection is closed, and the database too", async () => {
    const directory = createDirectory();
    const { child, outcome, port } = await serve(directory);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
    );
    await read(socket, "100 Continue");
    socket.write('{"u');
    child.kill("SIGTERM");
    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/"shutting down"[\s\S]*still under way[\s\S]*"stopped"/);
    expect(stdout).not.toMatch(/"level":(50|60)/);
    expect(existsSync(join(directory, "sallyport.db-wal"))).toBe(false);
  });

  it("takes it for no fault of its own when a client hangs up in the middle of its body", async () => {
    const { child, outcome, port } = await serve(createDirectory());
    for (const length of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
      const socket = connect(port, "127.0.0.1");
      socket.write(
        `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await read(socket, "100 Continue");
      socket.end(length.startsWith("T") ? '2\r\n{"\r\n' : '{"u');
      await once(socket, "close");
    }
    child.kill("SIGTERM");
    const { stdout } = await outcome;
    expect(stdout).not.toMatch(/"level":(50|60)/);
    expect(stdout.match(/"status":400.*"code":"malformed_json"/g)).toHaveLength(2);
  });

  it("answers with a problem what is no readable request, and closes the connection", async () => {
    const { port } = await serve(createDirectory());
    const answerTo = async (text: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      let received = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      socket.write(text);
      await once(socket, "close");
      return received;
    };
    const refused: [number, string][] = [
      [400, "nonsense\r\n\r\n"],
      [400, "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"],
      [431, `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${"x".repeat(20_000)}\r\n\r\n`],
      [400, "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n"],
      [400, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ];
    for (const [status, text] of refused) {
      const [head = "", body = ""] = (await answerTo(text)).split("\r\n\r\n");
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).toMatch(/^content-type: application\/problem\+json$/im);
      expect(head).toMatch(/^cache-control: no-store$/im);
      expect(head).toMatch(/^connection: close$/im);
      const requestId = /^x-request-id: (\S{20,})$/im.exec(head)?.[1];
      const code = status === 431 ? "headers_too_large" : "request_unreadable";
      expect(
        problem.parse(JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1))),
      ).toMatchObject({
        type: `http://localhost:${port}/problems/${code}`,
        status,
        requestId,
        code,
      });
    }
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  it("deletes the setup link once there is an admin", async () => {
    const app = await createTeamApp();
    const file = join(app.dataDirectory, "setup-link");
    writeFileSync(file, "https://app.example.com/setup#token=spent\n");
    const { said } = start(["serve"], {
      SALLYPORT_DATA_DIR: app.dataDirectory,
      SALLYPORT_PORT: "0",
    });
    await said("listening");
    await vi.waitFor(() => expect(existsSync(file)).toBe(false), 10_000);
  });

  it("warns when other users may look into the data directory, and leaves its mode alone", async () => {
    const directory = createDirectory();
    chmodSync(directory, 0o755);
    const { said } = await serve(directory);
    await said(
      "the data directory is open to other users of this machine; close it with: chmod 700",
    );
    expect(statSync(directory).mode & 0o777).toBe(0o755);
  });

  it("says who holds the port when it is taken, and exits 1", async () => {
    const { port } = await reserveServer();
    const outcome = await run(createDirectory(), ["serve"], {
      environment: { SALLYPORT_PORT: String(port) },
    });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`Port ${port} is taken`);
    expect(outcome.stderr).toContain("SALLYPORT_PORT");
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });
});
