/** The behaviours that the server and the mock are both held to, on the server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { behaviours } from "@sallyport/shared/testing";
import { createServerSubject, type ServerSubject } from "./behaviour-subject.ts";

let subject: ServerSubject;
beforeAll(async () => {
  subject = await createServerSubject();
});
afterAll(() => subject.close());

describe("the server", () => {
  it.each(behaviours.map((behaviour) => [behaviour.name, behaviour] as const))(
    "%s",
    async (_, { run, shows }) => {
      await subject.reset();
      await run(subject);
      expect(subject.faults).toHaveLength(shows === "internal" ? 1 : 0);
    },
  );
});
