/**
 * A store whose code is fetched with the first question to it. What could not be fetched is fetched
 * anew for whoever asks next.
 * @param methods all of them by name: what can be asked is known before the store is there
 */
export const fetchedStore = <S extends object>(
  fetch: () => Promise<S>,
  methods: Readonly<Record<keyof S, true>>,
): S => {
  let store: Promise<S> | undefined;
  const fetched = (): Promise<S> =>
    (store ??= fetch().catch((error: unknown) => {
      store = undefined;
      throw error;
    }));
  return Object.fromEntries(
    Object.keys(methods).map((name) => [
      name,
      async (...given: readonly unknown[]) => {
        const there = (await fetched()) as Record<
          string,
          (...given: readonly unknown[]) => unknown
        >;
        return there[name]?.(...given);
      },
    ]),
  ) as S;
};
