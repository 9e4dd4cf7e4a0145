import type { SignInCountStore } from "../../core/core.ts";
import { createTable } from "../limits.ts";
import type { Parts } from "./parts.ts";

/** The counts are in the state; an attempt that is under way is so in this page. */
export const createSignInCountStore = ({ state }: Pick<Parts, "state">): SignInCountStore =>
  createTable(state);
