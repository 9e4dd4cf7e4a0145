/** A real nginx for one test: everything it writes is in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { programForTest } from "../../../../.ci/programs.mjs";

/** Null where nginx cannot be had: the test is left out, and the run says so. */
export const nginxPath = programForTest("nginx");

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

/**
 * @param describe what stands inside `http { … }`; files that it names are in the folder it is
 * given
 * @returns the folder
 */
export const startNginx = async (
  port: number,
  describe: (folder: string) => string,
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-nginx-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "nginx.conf"),
    // As who runs the test, whose files it is to serve; said to root alone, since others cannot be
    // anybody else.
    `${process.getuid?.() === 0 ? `user ${userInfo().username};` : ""}
     worker_processes 1;
     daemon off;
     pid ${folder}/pid;
     error_log ${folder}/error.log;
     events { worker_connections 512; }
     http {
       access_log off;
       client_body_temp_path ${folder}/body;
       proxy_temp_path ${folder}/proxy;
       fastcgi_temp_path ${folder}/fastcgi;
       uwsgi_temp_path ${folder}/uwsgi;
       scgi_temp_path ${folder}/scgi;
       types { text/html html; text/css css; text/javascript js; image/svg+xml svg; font/woff2 woff2; }
       ${describe(folder)}
     }`,
  );
  const nginx = spawn(
    nginxPath as string,
    ["-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")],
    {
      stdio: "inherit",
    },
  );
  onTestFinished(async () => {
    if (nginx.exitCode !== null) return;
    nginx.kill("SIGTERM");
    await once(nginx, "exit");
  });
  while (!(await answers(port))) {
    if (nginx.exitCode !== null) throw new Error("nginx did not start; its reasons stand above.");
    await wait(20);
  }
  return folder;
};
