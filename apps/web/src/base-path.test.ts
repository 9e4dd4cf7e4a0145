import { expect, test } from "vitest";
import { basenameOf, basePathCandidates, isSection } from "./base-path.ts";
import { routes } from "./routes.tsx";
import type { RouteObject } from "react-router";

const firstBasePath = (pathname: string): string | undefined => basePathCandidates(pathname)[0];

test("the base path is what comes before one of our routes", () => {
  expect(firstBasePath("/")).toBe("/");
  expect(firstBasePath("/sign-in")).toBe("/");
  expect(firstBasePath("/sections/marketing")).toBe("/");
  expect(firstBasePath("/dashboards/")).toBe("/dashboards/");
  expect(firstBasePath("/dashboards/sections/marketing")).toBe("/dashboards/");
  expect(firstBasePath("/a/b/sections/marketing/")).toBe("/a/b/");
  expect(firstBasePath("/a/b/setup")).toBe("/a/b/");
});

test("a section may have the name of a route, and so may the folder", () => {
  expect(firstBasePath("/sections/sign-in")).toBe("/");
  expect(firstBasePath("/sections/sections/marketing")).toBe("/sections/");
  expect(basePathCandidates("/setup/")).toEqual(["/", "/setup/"]);
});

test("a page of the administration is no section, whatever a section or a folder is called", () => {
  expect(firstBasePath("/admin/sections/order")).toBe("/");
  expect(firstBasePath("/team/admin/requests")).toBe("/team/");
  expect(firstBasePath("/team/display")).toBe("/team/");
  expect(isSection("/admin/sections/order")).toBe(false);
  expect(isSection("/admin/sections/marketing/edit")).toBe(false);
  expect(firstBasePath("/admin/sections/marketing")).toBe("/admin/");
  expect(isSection("/admin/sections/marketing")).toBe(true);
  expect(isSection("/sections/order/")).toBe(true);
});

test("an unknown address gives every folder above it, the root first, after what is known otherwise", () => {
  expect(basePathCandidates("/a/b/nonsense")).toEqual(["/", "/a/", "/a/b/"]);
  expect(basePathCandidates("/nonsense")).toEqual(["/"]);
  expect(basePathCandidates("/a/b/nonsense", "/a/")).toEqual(["/a/", "/", "/a/b/"]);
  expect(basePathCandidates("/a/b/c/nonsense", undefined, ["/", "/elsewhere/", "/a/b/"])[0]).toBe(
    "/a/b/",
  );
});

test("what the build was told counts more than the address, and the address more than what is remembered", () => {
  expect(basePathCandidates("/a/sections/sign-in", "/a/sections/")[0]).toBe("/a/sections/");
  expect(basePathCandidates("/a/sign-in", undefined, ["/"])[0]).toBe("/a/");
  expect(basePathCandidates("/other/sign-in", "/a/")[0]).toBe("/other/");
});

test("every route of the table is recognised", () => {
  const pathsOf = (list: readonly RouteObject[], above = ""): string[] =>
    list.flatMap((route) => {
      const path = [above, route.path].filter(Boolean).join("/");
      return route.children
        ? pathsOf(route.children, path)
        : route.path === undefined || route.path === "*"
          ? []
          : [path];
    });
  const found = pathsOf(routes({} as never));
  expect(found.length).toBeGreaterThan(3);
  for (const path of found)
    expect(firstBasePath(`/any/where/${path.replace(/:\w+/g, "x")}`), path).toBe("/any/where/");
});

test("the basename has no slash at its end, but for the root", () => {
  expect(basenameOf("https://example.com/")).toBe("/");
  expect(basenameOf("https://example.com/a/b/")).toBe("/a/b");
  expect(basenameOf("https://example.com/a/b/index.html")).toBe("/a/b");
});
