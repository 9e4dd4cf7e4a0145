/**
 * The handlers of administration are most of the code that answers, and few pages with a mock ask
 * one of them. So their code is fetched with the first request that does.
 */
import { contract, type ContractKey } from "../contract/contract.ts";
import type { AdministrationHandlers } from "../core/administration-handlers.ts";
import type { Handler, Handlers } from "../core/answering/endpoint.ts";
import type { EverydayDependencies, EverydayHandlers } from "../core/everyday-handlers.ts";

const fetchHandlers = async (
  dependencies: EverydayDependencies,
): Promise<AdministrationHandlers> => {
  const { createAdministrationHandlers, createDatasetRegister, createForgottenPasswords } =
    await import("./administration.ts");
  const forgottenPasswords = createForgottenPasswords(dependencies);
  return createAdministrationHandlers({
    ...dependencies,
    forgottenPasswords: {
      // A mock does nothing by the clock, and has nobody to hide from how long it takes.
      ask: async (asked) => {
        await forgottenPasswords.ask(asked);
        await forgottenPasswords.run();
      },
    },
    datasets: createDatasetRegister(dependencies),
  });
};

/** All handlers: those that are there, and for each other one what fetches it when it is asked. */
export const completeHandlers = (
  everyday: EverydayHandlers,
  dependencies: EverydayDependencies,
): Handlers => {
  let fetched: Promise<AdministrationHandlers> | undefined;
  // What could not be fetched is fetched anew for whoever asks next.
  const ofAdministration = (): Promise<AdministrationHandlers> =>
    (fetched ??= fetchHandlers(dependencies).catch((error: unknown) => {
      fetched = undefined;
      throw error;
    }));
  const handlers: Partial<Record<ContractKey, unknown>> = { ...everyday };
  for (const key of Object.keys(contract) as ContractKey[])
    handlers[key] ??= async (request: Parameters<Handler<ContractKey>>[0]) => {
      const handler = (await ofAdministration())[key as keyof AdministrationHandlers];
      return (handler as unknown as Handler<ContractKey>)(request);
    };
  return handlers as Handlers;
};
