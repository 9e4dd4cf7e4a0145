/** What the settings of mail must look like. Pure: nothing is asked of any server. */
import { isLoopbackHost } from "@sallyport/shared/core";

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /**
   * TLS from the first byte, or by STARTTLS, without which nothing is sent. `none` is for a server
   * on this very machine.
   */
  readonly security: "tls" | "starttls" | "none";
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

export interface Sender {
  readonly name: string;
  readonly address: string;
}

const decode = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

/** @returns null for anything but smtp: or smtps: with a host, and what signs in there */
export const readSmtpUrl = (text: string): SmtpServer | null => {
  if (!/^smtps?:\/\/[^/]/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const [user, password] = [decode(url.username), decode(url.password)];
  if (
    host === "" ||
    url.port === "0" ||
    !["", "/"].includes(url.pathname) ||
    url.search !== "" ||
    url.hash !== "" ||
    user === null ||
    password === null ||
    (user === "") !== (password === "") ||
    /\p{Cc}/u.test(user + password)
  )
    return null;
  const security =
    url.protocol === "smtps:" ? "tls" : isLoopbackHost(url.hostname) ? "none" : "starttls";
  return {
    host,
    port: url.port === "" ? { tls: 465, starttls: 587, none: 25 }[security] : Number(url.port),
    security,
    credentials: user === "" ? null : { user, password },
  };
};

const addressPattern = /^[^\s<>(),;:"[\]\\@\p{Cc}]{1,64}@[^\s<>(),;:"[\]\\@\p{Cc}]{1,253}$/u;

/** `address`, or `Name <address>`. @returns null for anything else */
export const readSender = (text: string): Sender | null => {
  const trimmed = text.trim();
  if (addressPattern.test(trimmed)) return { name: "Sallyport", address: trimmed };
  const [, name = "", address = ""] = /^([^<>"\p{Cc}]{1,100}?)\s*<([^<>]+)>$/u.exec(trimmed) ?? [];
  return name.trim() !== "" && addressPattern.test(address) ? { name: name.trim(), address } : null;
};
