import { isIPv6 } from "node:net";

/** Addresses of one network count together: whoever has an IPv6 address has 2^64 of them. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address);
  if (mapped)
    return (
      mapped[1] ??
      [mapped[2], mapped[3]]
        .flatMap((group) => [
          Number.parseInt(group ?? "0", 16) >> 8,
          Number.parseInt(group ?? "0", 16) & 255,
        ])
        .join(".")
    );
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined
      ? left
      : [
          ...left,
          ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"),
          ...right,
        ];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
};
