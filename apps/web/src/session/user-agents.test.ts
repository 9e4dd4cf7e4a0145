import { expect, test } from "vitest";
import { browserInWords } from "./user-agents.ts";

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  [
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    "Chrome on Android",
  ],
  ["curl/8.14.1", "curl on an unknown system"],
  ["Mozilla/5.0 (X11; Linux x86_64) Ladybird/1.0", "an unknown browser on Linux"],
  ["something else", "an unknown browser on an unknown system"],
  ["", "an unknown browser on an unknown system"],
])("%s", (userAgent, words) => {
  expect(browserInWords(userAgent)).toBe(words);
});
