import type { InstallationStore } from "../../core/core.ts";

export const createInstallationStore = (): InstallationStore => ({ check: () => {} });
