/**
 * One cluster for all tests on PostgreSQL of a run. Without the program there is none, and they are
 * left out.
 */
import type { TestProject } from "vitest/node";
import { programForTest } from "../../../../.ci/programs.mjs";
import { startCluster, type Cluster } from "./cluster.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly cluster: Cluster | null;
  }
}

export default async ({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const postgres = programForTest("postgres");
  if (postgres === undefined) {
    provide("cluster", null);
    return undefined;
  }
  const { cluster, stop } = await startCluster(postgres);
  provide("cluster", cluster);
  return stop;
};
