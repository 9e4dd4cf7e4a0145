/**
 * A disk without room: whatever writes is told so and can be repeated, reads go on, and nothing is
 * lost by it.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openLog } from "../src/dependencies.ts";
import { addDataset } from "./dashboards.ts";
import { createTeamApp } from "./team.ts";
import { createBrowser, request, signInForBody, type Reply } from "./test-browser.ts";
import { run } from "./tool.ts";

vi.setConfig({ testTimeout: 60_000 });

const mebibyte = 1024 * 1024;

/** A file system of its own in memory. Null where this process may not mount one. */
const mountSmallDisk = (mebibytes: number): string | null => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", directory], {
      stdio: "ignore",
    });
  } catch {
    rmSync(directory, { recursive: true });
    return null;
  }
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
};
const canMount = ((): boolean => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], {
      stdio: "ignore",
    });
    execFileSync("umount", [directory]);
    return true;
  } catch {
    process.stderr.write(
      "Left out: the tests on a real disk without room, since this user may not mount a file system. As root they run.\n",
    );
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
})();

/** Takes all the room there is, but for so much. */
const fill = (directory: string, leaveBytes = 0): (() => void) => {
  const file = join(directory, "filler");
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(descriptor, page);
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  } finally {
    closeSync(descriptor);
  }
  if (leaveBytes > 0) {
    truncateSync(file, statSync(file).size - leaveBytes);
  }
  return () => rmSync(file);
};

const isUnwritable = {
  status: 503,
  body: { code: "busy", detail: expect.stringMatching(/disk is full/) as string },
};

describe.runIf(canMount)("on a disk without room", () => {
  const open = async () => {
    const disk = mountSmallDisk(24) as string;
    const app = await createTeamApp({
      dataDirectory: disk,
      environment: { SALLYPORT_REFRESH_PER_MINUTE: "1000000" },
      openLog,
    });
    return { disk, app };
  };

  it("a refresh is 503 with Retry-After, nobody is signed out, and it heals by itself", async () => {
    const { disk, app } = await open();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const program = await signInForBody(app, "mica");
    expect(await request(app, "GET", "/readyz")).toMatchObject({ status: 200 });
    const makeRoom = fill(disk);

    // The log of writes has room of its own for a while.
    let { refreshToken } = program;
    let idempotencyKey = "";
    const refresh = async (): Promise<Reply> =>
      request(app, "POST", "/refresh", {
        body: { refreshToken },
        headers: { "idempotency-key": idempotencyKey },
      });
    let answer: Reply;
    for (let turn = 0; ; turn += 1) {
      idempotencyKey = randomUUID();
      answer = await refresh();
      if (answer.status !== 200) break;
      refreshToken = String(answer.body["refreshToken"]);
      expect(turn).toBeLessThan(3_000);
    }
    expect(answer).toMatchObject(isUnwritable);
    expect(answer.headers.get("retry-after")).toBe("30");
    expect(answer.setCookies).toEqual([]);
    expect(await browser.refresh()).toMatchObject({ ...isUnwritable, setCookies: [] });
    expect(await browser.send("POST", "/logout")).toMatchObject({ status: 503, setCookies: [] });
    expect(
      await request(app, "POST", "/login", {
        body: { username: "mica", password: "the long words of mica", delivery: "body" },
      }),
    ).toMatchObject(isUnwritable);

    const unready = await request(app, "GET", "/readyz");
    expect(unready).toMatchObject(isUnwritable);
    expect(unready.headers.get("retry-after")).toBe("30");
    expect(await request(app, "GET", "/healthz")).toMatchObject({ status: 200 });
    expect(await browser.send("GET", "/session")).toMatchObject({ status: 200 });
    expect(await browser.send("GET", "/sections/marketing?include=data")).toMatchObject({
      status: 200,
    });

    makeRoom();
    expect(await request(app, "GET", "/readyz")).toMatchObject({ status: 200 });
    // The very request that was refused, with the key that it had.
    expect(await refresh()).toMatchObject({ status: 200 });
    expect(await browser.refresh()).toMatchObject({ status: 200 });
  });

  it("rows that do not fit are refused as they arrive and as they are stored, and leave nothing", async () => {
    const { disk, app } = await open();
    const columns = [{ name: "text", label: "Text", type: "text" as const }];
    await addDataset(app, { name: "orders", columns });
    const { accessToken } = await signInForBody(app, "mica");
    const upload = (bytes: number): Promise<Reply> =>
      request(app, "POST", "/datasets/orders/rows", {
        body: `text\n${`${"x".repeat(63)}\n`.repeat(bytes / 64)}`,
        headers: { "content-type": "text/csv", authorization: `Bearer ${accessToken}` },
      });
    const left = (): string[] =>
      readdirSync(join(disk, "imports")).filter((name) => name.startsWith("rows-"));
    expect(await upload(64 * 10)).toMatchObject({ status: 200 });

    let makeRoom = fill(disk, mebibyte / 2);
    expect(await upload(2 * mebibyte)).toMatchObject(isUnwritable);
    expect(left()).toEqual([]);
    makeRoom();

    // There is room for the file that they are kept in, and none for the rows.
    makeRoom = fill(disk, 3 * mebibyte);
    expect(await upload(2 * mebibyte)).toMatchObject(isUnwritable);
    expect(left()).toEqual([]);
    expect((await app.dependencies.datasets.find("orders")).rowCount).toBe(10);
    makeRoom();

    expect(await upload(2 * mebibyte)).toMatchObject({ status: 200 });
    expect((await app.dependencies.datasets.find("orders")).rowCount).toBe(
      10 + (2 * mebibyte) / 64,
    );
  });

  it("a start says where there is no room, leaves nothing half made, and succeeds once there is", async () => {
    const disk = mountSmallDisk(8) as string;
    const makeRoom = fill(disk);
    const refused = await run(disk, ["setup-link"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      /^(The data directory|The disk failed under the database) .*sallyport-disk-.*(free space)/s,
    );
    makeRoom();
    expect(await run(disk, ["setup-link"])).toMatchObject({ code: 0, stderr: "" });
  });
});

it("a full disk that was not told of before is in the log once, and so is its end", async () => {
  const app = await createTeamApp();
  const { stores } = app.dependencies;
  const log = vi.spyOn(app.dependencies.log, "error");
  const healed = vi.spyOn(app.dependencies.log, "info");
  const makeRoom = app.takeRoom();
  const signIn = (): Promise<Reply> =>
    request(app, "POST", "/login", {
      body: { username: "mica", password: "the long words of mica", delivery: "body" },
    });
  const answers: Reply[] = [];
  for (let turn = 0; turn < 300 && answers.at(-1)?.status !== 503; turn += 1)
    answers.push(await signIn());
  answers.push(await signIn(), await signIn());
  expect(answers.at(-1)).toMatchObject(isUnwritable);
  expect(log).toHaveBeenCalledTimes(1);

  makeRoom();
  expect(await signIn()).toMatchObject({ status: 200 });
  await stores.installation.check();
  expect(healed.mock.calls.filter(([said]) => /disk/.test(String(said)))).toHaveLength(1);
});
