/**
 * The world in step with what is kept: where tabs share one, each takes over what another one has
 * done.
 */
import { createKeeper, type Persistence } from "./keep-state.ts";
import type { TextStorage } from "./page.ts";
import { tellDeveloper } from "./tell-developer.ts";
import type { World } from "./world.ts";

export interface SharedWorld {
  /** Takes over what another tab has kept, and says whether there was anything. */
  refresh(): boolean;
  /** What a control does: it holds in this tab at once, and in the others when they look next. */
  control(act: () => void): void;
  /**
   * Runs something while no other tab changes the state, and keeps what has become of that. Where a
   * control has put another state in the place of the one that it began with, all that it did is
   * gone, and it is done again.
   * @param discard gives up a result that does not count
   */
  transact<T>(run: () => Promise<T>, discard: (result: T) => Promise<void>): Promise<T>;
  close(): void;
}

export const shareWorld = (
  world: Pick<World, "state">,
  options: {
    readonly persistence: Persistence;
    /** What the state is kept as. */
    readonly name: string;
    readonly storage: TextStorage | undefined;
    /** A state from another seed is not taken over. */
    readonly seed: number | undefined;
    readonly after: (milliseconds: number, run: () => void) => () => void;
    /** The state may have become another one, by this tab or by another. */
    readonly onChange: () => void;
  },
): SharedWorld => {
  const { persistence, name, storage, seed, after, onChange } = options;
  const keeper = createKeeper({
    persistence,
    name,
    storage,
    after,
    onChange: () => {
      refresh();
      onChange();
    },
    onLeave: () => {
      if (unkept.length > 0) keep();
    },
  });

  /**
   * What the controls have done in this tab that has not been kept yet: what another tab keeps
   * first has to hold it as well.
   */
  let unkept: (() => void)[] = [];
  const refresh = (): boolean => {
    const kept = keeper.read();
    if (kept === null || (seed !== undefined && kept.seed !== seed)) return false;
    world.state = kept;
    for (const act of unkept) {
      try {
        act();
      } catch (error) {
        tellDeveloper(
          "what was asked of it in this tab does not go with what another tab has made of it.",
          error,
        );
      }
    }
    return true;
  };
  const keep = (): void => {
    keeper.write(world.state);
    unkept = [];
  };

  return {
    refresh,
    control: (act) => {
      refresh();
      act();
      if (keeper.isShared) {
        unkept.push(act);
        const kept = keeper.exclusively(async () => {
          refresh();
          keep();
        });
        kept.catch(() => {
          // The page is being left.
        });
      } else keep();
      onChange();
    },
    transact: (run, discard) =>
      keeper.exclusively(async () => {
        for (;;) {
          refresh();
          const before = world.state;
          const [result] = await Promise.allSettled([run()]);
          if (refresh() || world.state !== before) {
            if (result.status === "fulfilled") await discard(result.value);
            continue;
          }
          keep();
          if (result.status === "rejected") throw result.reason;
          return result.value;
        }
      }),
    close: keeper.close,
  };
};
