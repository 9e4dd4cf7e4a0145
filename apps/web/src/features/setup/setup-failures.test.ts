import { expect, test } from "vitest";
import { checkSetup } from "./setup-failures.ts";

const good = {
  token: "t",
  displayName: "Ada",
  username: "ada",
  email: "ada@example.com",
  password: "a long passphrase",
};
test("a good form has nothing to complain of, and each empty field is named", () => {
  expect(checkSetup(good)).toBeNull();
  expect(
    Object.keys(
      checkSetup({ token: "", displayName: " ", username: "", email: "ada", password: "short" })
        ?.fields ?? {},
    ),
  ).toEqual(["token", "displayName", "username", "email", "password"]);
});
