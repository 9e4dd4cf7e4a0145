/**
 * What the mock cannot do, in words: published with the mock, printed by the behaviour suite for
 * each behaviour that is left out on it.
 */
export const limitations = {
  cookieFlags:
    "The mock keeps the cookies itself, since a mocked answer cannot set cookies that scripts do not see: their flags and names are not to be looked at.",
  originsOfOthers:
    "The mock is asked by the page's own scripts only: it cannot show a browser's refusal of an answer to another origin (CORS), nor answer a preflight.",
  cutConnections:
    "A request whose body ends early never reaches the mock: the browser gives it up.",
  credentialsInNode:
    "In Node, MSW does not tell whether a request was to carry cookies: every request that MSW brings to the mock carries them there. The mock's own `fetch` knows.",
  gzipInParts:
    "The mock unpacks gzip as browsers do, which refuse what comes after the end: files that were packed one by one and joined are none to it.",
  signatures:
    "Access tokens of the mock have the claims of real ones and no signature that a key could check: /.well-known/jwks.json lists no key, and whoever knows the seed can make any token.",
  commonPasswords:
    "The mock has no list of common passwords: it refuses new ones by their length, by patterns and by what they say of the user.",
  sites:
    "The mock has no list of public suffixes: whether page and API are of one site it tells by the last two labels of their names, wrongly where everybody has a name under the second, as with github.io or co.uk.",
  processes:
    "The mock is no process with a database file: it shows no crash, no lock, no second process and no command-line tool.",
  auditTrail:
    "The mock writes no log. Its audit trail is a list in its state: the last two hundred events, without the long ones' details, and without how often a refused sign-in was repeated.",
} as const;
export type Limitation = keyof typeof limitations;
