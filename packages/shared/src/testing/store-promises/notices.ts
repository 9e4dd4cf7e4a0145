import { same } from "../differences.ts";
import { promisesOn, userIdOf } from "./promise.ts";
import { beginSession } from "./sessions.ts";

const { promise } = promisesOn<"sessions" | "users" | "notices">();

export const ofNotices = [
  promise("notices are their owner's, oldest first, and so many at most", async (subject) => {
    const { stores, now } = subject;
    const { row, version } = await beginSession(subject);
    for (let index = 0; index < 25; index += 1)
      await stores.sessions.apply(row, version, {
        notice: {
          userId: row.userId,
          kind: "refreshTokenReused",
          at: now + index,
          data: { index: String(index) },
        },
      });
    const open = await stores.notices.listOpen(row.userId);
    same(
      open.map(({ data }) => data["index"]),
      Array.from({ length: 20 }, (_, index) => String(index + 5)),
      "the last twenty",
    );
    const first = open[0]?.id ?? "";
    await stores.notices.dismiss(await userIdOf(subject, "nora"), first, now);
    same((await stores.notices.listOpen(row.userId)).length, 20, "nobody else dismisses one");
    await stores.notices.dismiss(row.userId, first, now);
    same((await stores.notices.listOpen(row.userId)).length, 19, "its owner does");
  }),
];
