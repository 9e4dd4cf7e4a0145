/**
 * A cluster of PostgreSQL for tests, which lasts as long as whoever started this process lets its
 * input stay open: also one who is interrupted or killed closes it, and then the cluster goes, with
 * its directory. It listens on a socket in that directory only. Nothing waits for the disk: what a
 * test promises of a crash is that of a connection or a process.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const [postgres = ""] = process.argv.slice(2);
// In its own time, and not when a terminal interrupts everybody.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => {});

const directory = mkdtempSync(join(tmpdir(), "sallyport-postgres-"));
const data = join(directory, "data");

/** PostgreSQL refuses to be run by root. */
const unprivileged = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const [uid = 0, gid = 0] = ["-u", "-g"].map((which) =>
    Number(execFileSync("id", [which, "nobody"], { encoding: "utf8" })),
  );
  chownSync(directory, uid, gid);
  return { uid, gid };
};

const remove = (): void => rmSync(directory, { recursive: true, force: true });

try {
  const user = unprivileged();
  const options = { ...user, cwd: directory, env: { ...process.env, HOME: directory } };
  const version = execFileSync(postgres, ["--version"], { encoding: "utf8" });
  const hasIcu = Number(/ (\d+)/.exec(version)?.[1]) >= 15;
  execFileSync(
    join(dirname(postgres), "initdb"),
    [
      ...["-D", data, "-U", "sallyport", "--auth=trust", "--no-sync", "--wal-segsize=1"],
      // An order of texts that is not that of their bytes, as many installations have it, where
      // this version can.
      ...["--encoding=UTF8", "--locale=C"],
      ...(hasIcu ? ["--locale-provider=icu", "--icu-locale=en"] : []),
    ],
    { ...options, stdio: ["ignore", "ignore", "inherit"] },
  );
  const settings = {
    listen_addresses: "",
    unix_socket_directories: directory,
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    max_connections: "200",
  };
  const server = spawn(
    postgres,
    [
      "-D",
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    { ...options, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    const wasReady = said.includes("ready to accept connections");
    if (!wasReady) said += text;
    if (!wasReady && said.includes("ready to accept connections"))
      process.stdout.write(`${JSON.stringify({ directory })}\n`);
  });
  const ended = once(server, "exit").then(() => {
    if (!said.includes("ready to accept connections")) process.stderr.write(said);
    remove();
    process.exit(0);
  });
  process.stdin.on("end", () => server.kill("SIGQUIT")).resume();
  await ended;
} catch (error) {
  remove();
  throw error;
}
