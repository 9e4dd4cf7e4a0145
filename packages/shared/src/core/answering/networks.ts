/**
 * Addresses of one network count together: whoever has an IPv6 address has 2^64 of them, and often
 * 2^80.
 */

/** @returns the eight groups; null for what is no IPv6 address */
const groupsOf = (address: string): readonly number[] | null => {
  const plain = (address.split("%")[0] ?? "").toLowerCase();
  const quad = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(plain);
  const [, before = "", ...parts] = quad ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  const text = quad
    ? `${before}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
    : plain;
  const [head = "", tail, ...rest] = text.split("::");
  if (rest.length > 0) return null;
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<string>(missing).fill("0"), ...right];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null;
};

/**
 * The networks that an address counts for, narrowest first: an IPv4 address for itself, an IPv6
 * address for its /64 and its /48. What is no address counts for itself.
 */
export const networksOf = (address: string): readonly string[] => {
  const groups = address.includes(":") ? groupsOf(address) : null;
  if (groups === null) return [address];
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return [[high >> 8, high & 255, low >> 8, low & 255].join(".")];
  }
  const prefix = (bits: number): string =>
    `${groups
      .slice(0, bits / 16)
      .map((group) => group.toString(16))
      .join(":")}::/${bits}`;
  return [prefix(64), prefix(48)];
};

/** The widest of them. */
export const networkOf = (address: string): string => networksOf(address).at(-1) ?? address;
