import { ApiError } from "@sallyport/shared/client";
import { expect, test } from "vitest";
import { checkSetup, setupFailure } from "./setup-failures.ts";

const good = {
  token: "t",
  displayName: "Ada",
  username: "ada",
  email: "ada@example.com",
  password: "a long passphrase",
};
const failure = (
  code: ApiError["code"],
  errors?: { pointer: string; code: string; detail: string }[],
): ApiError =>
  new ApiError({
    type: "https://api.example.com/problems/x",
    title: "t",
    status: 400,
    detail: "d",
    code,
    requestId: "req_1",
    ...(errors && { errors }),
  });

test("a good form has nothing to complain of, and each empty field is named", () => {
  expect(checkSetup(good)).toEqual({});
  expect(
    Object.keys(
      checkSetup({ token: "", displayName: " ", username: "", email: "ada", password: "short" }),
    ),
  ).toEqual(["token", "displayName", "username", "email", "password"]);
});

test("the server's complaints go to their fields, the first of each", () => {
  const { fields, message } = setupFailure(
    failure("validation_failed", [
      { pointer: "/password", code: "common", detail: "too common" },
      { pointer: "/password", code: "other", detail: "second" },
    ]),
    new Date(),
  );
  expect(fields).toEqual({ password: "too common" });
  expect(message).toBeNull();
});

test("a link that is used up, and a setup that is done, say what to do", () => {
  expect(setupFailure(failure("one_use_token_invalid"), new Date()).message).toContain("new one");
  expect(setupFailure(failure("setup_done"), new Date()).message).toContain("Sign in");
  expect(setupFailure(failure("internal"), new Date()).message).toContain("req_1");
});
