/**
 * WebKitGTK by its WebDriver, in plain requests (https://www.w3.org/TR/webdriver2/). A session of
 * the driver is a profile, and commands go to one of its windows at a time.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { hosts, patienceMilliseconds, type Cookie, type Engine, type Tab } from "./engine.ts";

export interface WebKitPrograms {
  readonly driver: string;
  readonly browser: string;
  readonly display: string;
}

/** A failure that a page on its way to another state explains, and that is over in a moment. */
const passing = new Set([
  "no such element",
  "stale element reference",
  "element not interactable",
  "element click intercepted",
]);

class WebDriverError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

const elementKey = "element-6066-11e4-a52e-4f735466cecf";

const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
};

/** Leads the names of the tests to this machine: WebKit has no setting for that but a proxy. */
const startProxy = async (): Promise<{ readonly port: number; close(): void }> => {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (head) => {
      const [, name = "", port = ""] = /^CONNECT ([^:\s]+):(\d+) /.exec(head.toString()) ?? [];
      if (!Object.values<string>(hosts).includes(name)) return void socket.destroy();
      const upstream = connect(Number(port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on("error", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
};

const startDisplay = async (
  program: string,
): Promise<{ readonly name: string; close(): Promise<void> }> => {
  const child = spawn(
    program,
    ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const [number] = await once(child.stdio[3] as Readable, "data");
  return { name: `:${String(number).trim()}`, close: () => stop(child) };
};

type Send = (method: string, path: string, body?: object) => Promise<unknown>;

const startDriver = async (
  program: string,
  display: string,
): Promise<{ readonly send: Send; close(): Promise<void> }> => {
  const port = await findFreePort();
  const child = spawn(program, [`--port=${port}`, "--host=127.0.0.1"], {
    env: {
      ...process.env,
      DISPLAY: display,
      // Its sandbox wants rights that containers and root do not have. What it loads here is ours.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      NO_AT_BRIDGE: "1",
    },
    stdio: "ignore",
  });
  const send: Send = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as {
      value: { error?: string; message?: string } | null;
    };
    if (response.ok) return value;
    throw new WebDriverError(value?.error ?? String(response.status), value?.message ?? "");
  };
  const startedAt = performance.now();
  for (;;)
    try {
      await send("GET", "/status");
      return { send, close: () => stop(child) };
    } catch (error) {
      if (performance.now() - startedAt > patienceMilliseconds || child.exitCode !== null)
        throw error;
      await wait(20);
    }
};

export const startWebKit = async (programs: WebKitPrograms): Promise<Engine> => {
  const display = await startDisplay(programs.display);
  const proxy = await startProxy();

  const newProfile: Engine["newProfile"] = async () => {
    const driver = await startDriver(programs.driver, display.name);
    const { sessionId } = (await driver.send("POST", "/session", {
      capabilities: {
        alwaysMatch: {
          acceptInsecureCerts: true,
          "webkitgtk:browserOptions": {
            binary: programs.browser,
            // As a capability, a proxy for https would be one that is itself spoken to by TLS.
            args: [
              "--automation",
              `--proxy=http://127.0.0.1:${proxy.port}`,
              "--ignore-host=localhost",
            ],
          },
        },
      },
    })) as { sessionId: string };
    const at = `/session/${sessionId}`;
    await driver.send("POST", `${at}/timeouts`, {
      implicit: 0,
      pageLoad: patienceMilliseconds,
      script: patienceMilliseconds,
    });

    // One command after another, each to the window that it is meant for.
    let before: Promise<unknown> = Promise.resolve();
    let current: string | undefined;
    const inWindow = <T>(handle: string, command: () => Promise<T>): Promise<T> => {
      const result = before.then(async () => {
        if (current !== handle) await driver.send("POST", `${at}/window`, { handle });
        current = handle;
        return command();
      });
      before = result.catch(() => undefined);
      return result;
    };

    const drive = (handle: string): Tab => {
      const send: Send = (method, path, body) =>
        inWindow(handle, () => driver.send(method, at + path, body));
      const withElement = async (
        target: string,
        act: (path: string) => Promise<unknown>,
      ): Promise<void> => {
        const startedAt = performance.now();
        for (;;)
          try {
            const found = (await send("POST", "/element", {
              using: "xpath",
              value: target,
            })) as Record<string, string>;
            // The driver scrolls to no button that is below what the window shows.
            await send("POST", "/execute/sync", {
              script: `arguments[0].scrollIntoView({ block: "center", behavior: "instant" });`,
              args: [found],
            });
            await act(`/element/${found[elementKey]}`);
            return;
          } catch (error) {
            if (!(error instanceof WebDriverError && passing.has(error.code))) throw error;
            if (performance.now() - startedAt > patienceMilliseconds)
              throw new Error(
                `${target} cannot be used (${error.message}) on a page that says: ${await text()}`,
                { cause: error },
              );
            await wait(20);
          }
      };
      const run: Tab["run"] = async (script, argument) => {
        const outcome = (await send("POST", "/execute/async", {
          script: `const done = arguments[1]; Promise.resolve(arguments[0]).then(${script.toString()}).then((value) => done({ value }), (error) => done({ error: String(error) }));`,
          args: [argument ?? null],
        })) as { value?: unknown; error?: string };
        if (outcome.error !== undefined) throw new Error(outcome.error);
        return outcome.value as never;
      };
      const text: Tab["text"] = () => run(() => document.body.innerText, null);
      return {
        goto: async (url) => void (await send("POST", "/url", { url })),
        reload: async () => void (await send("POST", "/refresh", {})),
        url: async () => String(await send("GET", "/url")),
        click: (target) => withElement(target, (path) => send("POST", `${path}/click`, {})),
        fill: (target, text) =>
          withElement(target, async (path) => {
            await send("POST", `${path}/clear`, {});
            await send("POST", `${path}/value`, { text });
          }),
        text,
        run,
        resize: async (width, height) =>
          void (await send("POST", "/window/rect", { width, height })),
        screenshot: async () => Buffer.from(String(await send("GET", "/screenshot")), "base64"),
      };
    };

    const first = String(await driver.send("GET", `${at}/window`));
    let used = false;
    return {
      newTab: async () => {
        if (used) {
          const { handle } = (await driver.send("POST", `${at}/window/new`, { type: "tab" })) as {
            handle: string;
          };
          return drive(handle);
        }
        used = true;
        return drive(first);
      },
      // Of the page that is looked at: ports share cookies, so that on one host it need not be the
      // address asked for.
      cookies: async () => (await driver.send("GET", `${at}/cookie`)) as Cookie[],
      close: async () => {
        await driver.send("DELETE", at).catch(() => undefined);
        await driver.close();
      },
    };
  };

  return {
    newProfile,
    close: async () => {
      proxy.close();
      await display.close();
    },
  };
};
