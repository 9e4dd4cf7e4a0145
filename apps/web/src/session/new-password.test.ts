import { shortestPassword as ofTheContract } from "@sallyport/shared/contract";
import { expect, test } from "vitest";
import { passwordInWords } from "./new-password.ts";
import { shortestPassword } from "./shortest-password.ts";

test("a new password is told by the server's rules while it is typed", () => {
  const about = ["ada", "Ada Lovelace", "ada@example.com"];
  expect(shortestPassword).toBe(ofTheContract);
  expect(passwordInWords("", about)).toBeNull();
  expect(
    [
      "forty-two",
      "forty-two qui\u{1f600}",
      "ababababababababab",
      "lovelace-ada-ada",
      "forty-two quiet",
      "forty-two quiet herons",
      "x1".padEnd(129, "forty-two quiet herons "),
    ].map((password) => passwordInWords(password, about)),
  ).toEqual([
    { is: "short", text: "Too short by 6 characters." },
    { is: "short", text: "Too short by 1 character." },
    { is: "bad", text: expect.stringContaining("one pattern") as string },
    { is: "bad", text: expect.stringContaining("your name or address") as string },
    { is: "good", text: "Long enough. Another word makes it stronger." },
    { is: "good", text: "Strong, unless it is a saying that many know." },
    { is: "bad", text: "Use at most 128 characters." },
  ]);
});
