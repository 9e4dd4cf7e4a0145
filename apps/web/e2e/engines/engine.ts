/** What a test asks of a browser, whichever it is: one interface, and a driver for each engine. */

/** An element, as an XPath. It is waited for until it can be seen and used. */
export type Target = string;

export interface Cookie {
  readonly name: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
}

export interface Tab {
  /** Resolves when the page has been loaded. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  url(): Promise<string>;
  click(target: Target): Promise<void>;
  fill(target: Target, text: string): Promise<void>;
  /** What a reader of the page sees of its text. */
  text(): Promise<string>;
  /** Runs a function of the test in the page. What goes in and what comes out is JSON. */
  run<A, R>(script: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
  resize(width: number, height: number): Promise<void>;
  /** A PNG of what can be seen. */
  screenshot(): Promise<Buffer>;
}

/** Tabs that share cookies and storage with each other, and with nobody else. */
export interface Profile {
  newTab(): Promise<Tab>;
  /** The cookies that are sent to an address on localhost, and those that scripts do not see. */
  cookies(url: string): Promise<Cookie[]>;
  close(): Promise<void>;
}

export interface Engine {
  newProfile(): Promise<Profile>;
  close(): Promise<void>;
}

/** What a driver waits for comes in a moment, or, on a busy machine, in many. */
export const patienceMilliseconds = 30_000;

/** Names that mean this machine, so that one machine can hold several sites. */
export const hosts = { site: "app.one.test", api: "api.two.test" } as const;
