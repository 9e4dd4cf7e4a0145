import { describe, expect, it } from "vitest";
import { createAddressReader, readForwardedAddress } from "./client-address.ts";

/** Reads addresses, and keeps what it tells. */
const create = (trustedProxies: readonly string[]) => {
  const told: [string, Readonly<Record<string, string>>][] = [];
  const readAddress = createAddressReader(trustedProxies, (problem, facts) =>
    told.push([problem, facts]),
  );
  return {
    told,
    read: (remote: string | undefined, forwardedFor?: string, forwarded?: string) =>
      readAddress(remote, (name) =>
        name === "x-forwarded-for" ? forwardedFor : name === "forwarded" ? forwarded : undefined,
      ),
    readWith: (remote: string, headers: Readonly<Record<string, string>>) =>
      readAddress(remote, (name) => headers[name]),
  };
};

describe("the client's address", () => {
  it("is the connection's, and no forwarded header counts, where no proxy is listed", () => {
    const { read } = create([]);
    expect(read("203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(read("::ffff:203.0.113.9")).toBe("203.0.113.9");
    expect(read(undefined, "198.51.100.1")).toBe("");
  });

  it("comes from the forwarded header of a listed proxy only", () => {
    const { read } = create(["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]);
    expect(read("10.1.2.3", "198.51.100.1")).toBe("198.51.100.1");
    expect(read("::ffff:10.1.2.3", "198.51.100.1")).toBe("198.51.100.1");
    expect(read("2001:db8::1", "198.51.100.1")).toBe("198.51.100.1");
    expect(read("192.0.2.7", "198.51.100.1")).toBe("198.51.100.1");
    expect(read("192.0.2.8", "198.51.100.1")).toBe("192.0.2.8");
  });

  it("is the first from the right that is no listed proxy: what stands left of it, anybody could have written", () => {
    const { read } = create(["10.0.0.0/8"]);
    expect(read("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2")).toBe("198.51.100.1");
    expect(read("10.0.0.1", "10.9.9.9, 10.0.0.2")).toBe("10.9.9.9");
    expect(read("10.0.0.1", '1.1.1.1:80, "[2001:db9::7]:4711", 10.0.0.2:443')).toBe("2001:db9::7");
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7:4711 ", "203.0.113.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ['"203.0.113.7"', "203.0.113.7"],
    ['"203.0.113.7:80"', "203.0.113.7"],
    ['"[2001:db8::1]:443"', "2001:db8::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["[::ffff:203.0.113.7]:1", "203.0.113.7"],
    ["unknown", null],
    ["_hidden", null],
    ["", null],
    ["203.0.113.7:", null],
    ["203.0.113.7:123456", null],
    ["203.0.113.700", null],
    ["[203.0.113.7]x", null],
    ["[2001:db8::1", null],
    ["2001:db8::1]:443", null],
    ["localhost", null],
    ["203.0.113.7 198.51.100.1", null],
  ])("written as %j is %j", (entry, address) => {
    expect(readForwardedAddress(entry)).toBe(address);
  });

  it("that cannot be read is the proxy's, which is told once for each proxy, with what stood there", () => {
    const { read, told } = create(["10.0.0.0/8"]);
    for (let time = 0; time < 3; time += 1)
      expect(read("10.0.0.1", "198.51.100.1, unknown")).toBe("10.0.0.1");
    expect(read("10.0.0.1", "")).toBe("10.0.0.1");
    read("10.0.0.2", `198.51.100.1, ${"x".repeat(500)}`);
    expect(told.map(([, facts]) => facts)).toEqual([
      { neighbour: "10.0.0.1", entry: "unknown" },
      { neighbour: "10.0.0.2", entry: "x".repeat(100) },
    ]);
    expect(told[0]?.[0]).toContain("count as the proxy");
  });

  it("is told of where a neighbour that is not listed forwards another, once for each, with the setting, and of ten at most", () => {
    for (const proxies of [[], ["10.0.0.0/8"]]) {
      const { read, told } = create(proxies);
      for (let time = 0; time < 3; time += 1) read("172.18.0.5", "198.51.100.1");
      read("172.18.0.5");
      expect(told).toEqual([
        [
          expect.stringContaining("SALLYPORT_TRUSTED_PROXIES"),
          { neighbour: "172.18.0.5", header: "x-forwarded-for" },
        ],
      ]);
      for (let index = 0; index < 1_000; index += 1)
        read(`172.19.${index >> 8}.${index % 256}`, "x");
      expect(told).toHaveLength(10);
    }
  });

  it.each(["forwarded", "x-real-ip"])(
    "is told of where a neighbour that is not listed forwards it as %s alone, once, however it does so",
    (name) => {
      for (const proxies of [[], ["10.0.0.0/8"]]) {
        const { readWith, told } = create(proxies);
        for (const headers of [
          { [name]: "for=198.51.100.1" },
          { [name]: "for=198.51.100.2" },
          { "x-forwarded-for": "198.51.100.1", [name]: "for=198.51.100.1" },
        ])
          expect(readWith("172.18.0.5", headers)).toBe("172.18.0.5");
        expect(told).toEqual([
          [
            expect.stringMatching(/SALLYPORT_TRUSTED_PROXIES.*X-Forwarded-For/),
            { neighbour: "172.18.0.5", header: name },
          ],
        ]);
      }
    },
  );

  it("is told of where a listed proxy forwards none, or by another header", () => {
    const { read, readWith, told } = create(["10.0.0.0/8"]);
    expect(read("10.0.0.1", undefined, "for=198.51.100.1")).toBe("10.0.0.1");
    expect(readWith("10.0.0.3", { "x-real-ip": "198.51.100.1" })).toBe("10.0.0.3");
    expect(read("10.0.0.2")).toBe("10.0.0.2");
    read("10.0.0.2");
    expect(told).toEqual([
      [
        expect.stringContaining("no X-Forwarded-For, which is the one that is read"),
        { neighbour: "10.0.0.1", header: "forwarded" },
      ],
      [
        expect.stringContaining("no X-Forwarded-For, which is the one that is read"),
        { neighbour: "10.0.0.3", header: "x-real-ip" },
      ],
      [expect.stringContaining("without X-Forwarded-For"), { neighbour: "10.0.0.2" }],
    ]);
  });
});
