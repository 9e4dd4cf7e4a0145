import { isRefused, pauseBeforeNextTry, sayFilesAreLate } from "./ui/late-files.ts";

/**
 * What one installation says about itself in `config.json`, so that one build serves every
 * installation.
 */
export interface Config {
  /** The API's origin, and path if it has one, without a slash at the end. */
  readonly apiUrl: string;
  /**
   * The operator allows tokens in this page's memory where the browser blocks the API's cookies.
   */
  readonly bearerFallback: boolean;
  /** The name in the header and in the title. */
  readonly title: string;
}

/** `config.json` is missing, unreadable or wrong; the message is for the person who runs this. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws ConfigError that names the first wrong key */
export const parseConfig = (value: unknown): Config => {
  if (!isRecord(value)) throw new ConfigError("config.json has to hold a JSON object.");
  const { apiUrl, bearerFallback = false, title = "Sallyport" } = value;
  if (
    typeof apiUrl !== "string" ||
    !URL.canParse(apiUrl) ||
    !/^https?:$/.test(new URL(apiUrl).protocol)
  ) {
    throw new ConfigError(
      '"apiUrl" has to be the http or https address of the API, for example "https://api.example.com".',
    );
  }
  const { search, hash, username, password } = new URL(apiUrl);
  if (search || hash || username || password)
    throw new ConfigError('"apiUrl" must not have a query, a fragment or credentials.');
  if (typeof bearerFallback !== "boolean")
    throw new ConfigError('"bearerFallback" has to be true or false.');
  if (typeof title !== "string" || title.trim() === "")
    throw new ConfigError('"title" has to be a text.');
  return { apiUrl: apiUrl.replace(/\/+$/, ""), bearerFallback, title: title.trim() };
};

const askForConfig = (): Promise<Response> =>
  fetch(new URL("config.json", document.baseURI), { cache: "no-cache" });

/**
 * Where it is refused for a while, it is asked for again.
 * @param request the first, which has been begun already
 * @throws ConfigError
 */
export const loadConfig = async (
  request: Promise<Response> = askForConfig(),
  { ask = askForConfig, pause = pauseBeforeNextTry, sayLate = sayFilesAreLate } = {},
): Promise<Config> => {
  const answerTo = (asked: Promise<Response>): Promise<Response | null> => asked.catch(() => null);
  let response = await answerTo(request);
  for (let tries = 0; response === null || isRefused(response); tries += 1) {
    await pause(tries);
    sayLate();
    response = await answerTo(ask());
  }
  if (!response.ok)
    throw new ConfigError(
      `config.json could not be read: the web server answered ${response.status}.`,
    );
  let value: unknown;
  try {
    value = await response.json();
  } catch {
    // A server that falls back to index.html answers 200 with a page.
    throw new ConfigError("config.json is missing, or is not JSON.");
  }
  return parseConfig(value);
};
