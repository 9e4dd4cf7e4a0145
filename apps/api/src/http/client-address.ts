/**
 * Whose address counts. Forwarded headers are believed from listed proxies only, and what is not as
 * it should be is told: where everybody has one address, the limits of sign-in take a whole company
 * for one.
 */
import { BlockList, isIP } from "node:net";

/** @param problem words for the log @param facts what was seen */
export type TellOnce = (problem: string, facts: Readonly<Record<string, string>>) => void;

/** An IPv4 address stands for itself, also where it comes as an IPv6 one. */
const plain = (address: string): string =>
  /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;

/**
 * An entry of X-Forwarded-For. Proxies write addresses as they are, with a port
 * (`203.0.113.7:4711`), in brackets with or without one (`[2001:db8::1]:443`), and in quotes.
 * @returns null for anything else, such as `unknown`
 */
export const readForwardedAddress = (entry: string): string | null => {
  const text = entry.trim().replace(/^"(.*)"$/, "$1");
  const address =
    /^\[([0-9a-f:.%\w]+)\](?::\d{1,5})?$/i.exec(text)?.[1] ??
    /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text)?.[1] ??
    text;
  return isIP(address) === 0 ? null : plain(address);
};

/**
 * What proxies say in whose name they ask with. Only the first is read: beside it, the others may
 * be the client's own.
 */
const forwardingHeaders = ["x-forwarded-for", "forwarded", "x-real-ip"] as const;

/**
 * @param tell what is wrong, once for each kind and neighbour, and of ten neighbours at most:
 * anybody who can reach us can send a header
 */
export const createAddressReader = (
  trustedProxies: readonly string[],
  tell: TellOnce = () => {},
): ((remote: string | undefined, header: (name: string) => string | undefined) => string) => {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  const told = new Set<string>();
  const tellOnce = (
    problem: string,
    neighbour: string,
    facts: Record<string, string> = {},
  ): void => {
    const key = `${problem} ${neighbour}`;
    if (told.has(key)) return;
    if ([...told].filter((other) => other.startsWith(problem)).length >= 10) return;
    told.add(key);
    tell(problem, { neighbour, ...facts });
  };

  return (remote, header) => {
    const neighbour = plain(remote ?? "");
    const sent = forwardingHeaders.find((name) => header(name) !== undefined);
    if (trustedProxies.length === 0 || !isTrusted(neighbour)) {
      if (sent !== undefined)
        tellOnce(
          "a header that says whose request it is comes from an address that is not listed in SALLYPORT_TRUSTED_PROXIES, and is not believed. If that is your proxy, list it, and let it send X-Forwarded-For, the one that is read: until then all who come through it count as one, and share the limits of sign-in. If it is not, somebody claims to be somebody else, and nothing needs to be done",
          neighbour,
          { header: sent },
        );
      return neighbour;
    }
    const forwardedFor = header("x-forwarded-for");
    if (forwardedFor === undefined) {
      if (sent === undefined)
        tellOnce(
          "a request comes from a proxy that is listed in SALLYPORT_TRUSTED_PROXIES, without X-Forwarded-For, and counts as the proxy's own. If people come through it like that, let it send the header: otherwise they all count as one",
          neighbour,
        );
      else
        tellOnce(
          "a proxy that is listed in SALLYPORT_TRUSTED_PROXIES says whose request it is by another header and sends no X-Forwarded-For, which is the one that is read: all who come through it count as one. Let it send X-Forwarded-For",
          neighbour,
          { header: sent },
        );
      return neighbour;
    }
    let address = neighbour;
    // From the right: each entry was written by the hop after it, so the first one that is no proxy
    // of ours is the client.
    const hops = forwardedFor.split(",");
    while (hops.length > 0 && isTrusted(address)) {
      const entry = hops.pop() as string;
      const hop = readForwardedAddress(entry);
      if (hop === null) {
        tellOnce(
          "a proxy that is listed in SALLYPORT_TRUSTED_PROXIES sends an X-Forwarded-For in which there is no address where the client's should be: all who come like that count as the proxy. Let it send the client's address",
          address,
          { entry: entry.trim().slice(0, 100) },
        );
        break;
      }
      address = hop;
    }
    return address;
  };
};
