/**
 * Hosts that are always this very machine: browsers take them for safe without TLS (Secure
 * Contexts, 3.1).
 */
export const isLoopbackHost = (hostname: string): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || hostname.endsWith(".localhost");
