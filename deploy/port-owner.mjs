// Is a port free, and if not, which process has it? Answered before anything starts, because
// "address in use" from the middle of a start leaves people searching.

import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

const listening = "0A";

function canListen(port, host) {
  return new Promise((settle) => {
    const server = createServer();
    server.once("error", (error) => settle(error.code));
    server.listen({ port, host, exclusive: true }, () => server.close(() => settle("free")));
  });
}

/**
 * "free", "busy", or "forbidden" (a port below 1024 without the right to it), over every loopback
 * address.
 */
export async function portState(port, hosts = ["127.0.0.1", "::1"]) {
  for (const host of hosts) {
    const outcome = await canListen(port, host);
    if (outcome === "EADDRINUSE") return "busy";
    if (outcome === "EACCES") return "forbidden";
    // EADDRNOTAVAIL and its like: a machine without IPv6.
  }
  return "free";
}

function listeningSockets(port) {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    let rows;
    try {
      rows = readFileSync(table, "utf8").trim().split("\n").slice(1);
    } catch {
      return [];
    }
    return rows
      .map((row) => row.trim().split(/\s+/))
      .filter((columns) => columns[3] === listening && columns[1].endsWith(`:${wanted}`))
      .map((columns) => ({ uid: Number(columns[7]), link: `socket:[${columns[9]}]` }));
  });
}

function commandLine(pid) {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
}

function holds(pid, links) {
  const descriptors = `/proc/${pid}/fd`;
  try {
    return readdirSync(descriptors).some((descriptor) => {
      try {
        return links.has(readlinkSync(`${descriptors}/${descriptor}`));
      } catch {
        return false; // closed meanwhile
      }
    });
  } catch {
    return false; // ended meanwhile, or another user's
  }
}

function ownerOnLinux(port) {
  const sockets = listeningSockets(port);
  if (sockets.length === 0) return undefined;
  const links = new Set(sockets.map((socket) => socket.link));
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => holds(name, links));
  // The table names the user even of processes one may not look into.
  return pid ? { pid: Number(pid), command: commandLine(pid) } : { uid: sockets[0].uid };
}

function ownerByLsof(port) {
  const { stdout, status } = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"], {
    encoding: "utf8",
  });
  const pid = status === 0 ? Number(/^p(\d+)/m.exec(stdout)?.[1]) : Number.NaN;
  if (Number.isNaN(pid)) return undefined;
  const command = spawnSync("ps", ["-o", "command=", "-p", String(pid)], {
    encoding: "utf8",
  }).stdout?.trim();
  return { pid, command: command || "unknown" };
}

/**
 * The process that listens on the port: its pid and command; only its uid when it is another
 * user's; undefined when that cannot be told.
 */
export function portOwner(port) {
  return process.platform === "linux" ? ownerOnLinux(port) : ownerByLsof(port);
}

/** "process 4711 (node server.js)", shortened for one line of a terminal. */
export function describeOwner(owner) {
  if (!owner) return "another process";
  if (owner.pid === undefined) return `a process of another user (uid ${owner.uid})`;
  const command = owner.command.length > 100 ? `${owner.command.slice(0, 99)}…` : owner.command;
  return `process ${owner.pid} (${command})`;
}
