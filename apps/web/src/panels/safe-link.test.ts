import { expect, test } from "vitest";
import { safeLink } from "./safe-link.ts";

test.each([
  "https://example.com/a?b=c:d#e",
  "HTTP://example.com",
  "mailto:mica@example.com",
  "/sections/shop",
  "sections/a:b",
  "?range=1:2",
  "#note:1",
  "",
])("%j may be followed", (address) => expect(safeLink(address)).toBe(address));

test.each([
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "blob:https://example.com/1",
  "file:///etc/passwd",
  ":",
  "xhttps:x",
])("%j is no address for a link", (address) => expect(safeLink(address)).toBeNull());
