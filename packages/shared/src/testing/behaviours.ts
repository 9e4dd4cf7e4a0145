/**
 * Every behaviour: those of the table, those that follow from the contract, and those of the
 * protocol.
 */
import { contract, errorsOf, type ContractKey, type ErrorCode } from "../contract/contract.ts";
import { generators, type AnyBehaviours } from "./access.ts";
import { watch } from "./ask.ts";
import type { Behaviour, BehaviourTable, Shown } from "./behaviour.ts";
import { accountBehaviours, profileBehaviours } from "./account-endpoints.ts";
import { auditBehaviours } from "./audit-endpoints.ts";
import { datasetBehaviours } from "./dataset-endpoints.ts";
import { holds } from "./differences.ts";
import { userPreviewBehaviours } from "./user-preview-endpoints.ts";
import { accessRequestBehaviours } from "./access-request-endpoints.ts";
import { displayLinkBehaviours } from "./display-link-endpoints.ts";
import { grantBehaviours } from "./grant-endpoints.ts";
import { mailBehaviours } from "./mail-endpoints.ts";
import { discoveryBehaviours } from "./discovery-endpoints.ts";
import { addressBehaviours } from "./addresses-and-values.ts";
import { cookieBehaviours } from "./cookies-and-origins.ts";
import { keyBehaviours } from "./idempotency.ts";
import { eventBehaviours } from "./live-events.ts";
import { livingSessionBehaviours } from "./living-session-endpoints.ts";
import { panelNumberBehaviours } from "./panel-numbers.ts";
import { panelRequestBehaviours } from "./panel-requests.ts";
import { panelRowBehaviours } from "./panel-rows.ts";
import { panelTimeBehaviours } from "./panel-times.ts";
import { roleBehaviours } from "./role-endpoints.ts";
import { rightBehaviours } from "./rights.ts";
import { signInBehaviours } from "./sign-in.ts";
import { tokenBehaviours } from "./tokens.ts";
import { refreshBehaviours } from "./refresh-table.ts";
import { rowFileBehaviours, rowsEndpointBehaviours } from "./rows-endpoints.ts";
import { importBehaviours } from "./import-endpoints.ts";
import { previewBehaviours } from "./preview-endpoints.ts";
import { sectionAdministrationBehaviours } from "./section-administration-endpoints.ts";
import { sectionBehaviours } from "./section-endpoints.ts";
import { sectionFileBehaviours } from "./section-file-endpoints.ts";
import { sessionBehaviours } from "./session-endpoints.ts";
import { manyUsersBehaviours } from "./many-users-endpoints.ts";
import { passwordLinkBehaviours } from "./password-link-endpoints.ts";
import { passwordBehaviours, provingBehaviours } from "./password-endpoints.ts";
import { peopleBehaviours } from "./people.ts";
import { userBehaviours } from "./user-endpoints.ts";

/** One for each success of each endpoint, and for each error code of its own. */
export const behaviourTable: BehaviourTable = {
  ...sessionBehaviours,
  ...passwordBehaviours,
  ...accountBehaviours,
  ...userBehaviours,
  ...manyUsersBehaviours,
  ...passwordLinkBehaviours,
  ...roleBehaviours,
  ...grantBehaviours,
  ...accessRequestBehaviours,
  ...displayLinkBehaviours,
  ...userPreviewBehaviours,
  ...sectionBehaviours,
  ...sectionFileBehaviours,
  ...previewBehaviours,
  ...importBehaviours,
  ...sectionAdministrationBehaviours,
  ...datasetBehaviours,
  ...rowsEndpointBehaviours,
  ...auditBehaviours,
  ...mailBehaviours,
  ...livingSessionBehaviours,
  ...discoveryBehaviours,
};

const bind = (shown: Shown, endpoint: ContractKey, shows: number | ErrorCode): Behaviour => ({
  ...shown,
  name: `${endpoint} (${shows}) ${shown.name}`,
  endpoint,
  shows,
  run: async (subject) => {
    const { saw } = watch(subject);
    await shown.run(subject);
    holds(saw(endpoint, shows), `${endpoint} has not answered ${shows}`);
  },
});

const behavioursOf = (key: ContractKey): Behaviour[] => {
  const entry = behaviourTable[key] as AnyBehaviours;
  const successes = Object.entries(entry.succeeds).map(([status, shown]) =>
    bind(shown, key, Number(status)),
  );
  const failures = errorsOf(key, contract[key]).flatMap((code) => {
    const shown = entry.fails[code] ?? generators[code]?.(key, entry);
    return shown === undefined ? [] : [bind(shown, key, code)];
  });
  return [
    ...successes,
    ...(entry.unchanged === undefined ? [] : [bind(entry.unchanged, key, 304)]),
    ...failures,
  ];
};

export const behaviours: readonly Behaviour[] = [
  ...(Object.keys(contract) as ContractKey[]).flatMap(behavioursOf),
  ...[
    ...profileBehaviours,
    ...tokenBehaviours,
    ...signInBehaviours,
    ...cookieBehaviours,
    ...rightBehaviours,
    ...provingBehaviours,
    ...peopleBehaviours,
    ...eventBehaviours,
    ...addressBehaviours,
    ...refreshBehaviours,
    ...panelRowBehaviours,
    ...panelTimeBehaviours,
    ...panelNumberBehaviours,
    ...panelRequestBehaviours,
    ...rowFileBehaviours,
    ...keyBehaviours,
  ].map((shown): Behaviour => ({ ...shown, endpoint: null, shows: null })),
];

/**
 * Whether the mock shows it, asked from Node or from a page. What it cannot show, one of its
 * limitations explains.
 */
export const isShownByTheMock = (
  { beyondTheMock, environment }: Behaviour,
  askedFrom: "node" | "page",
): boolean =>
  askedFrom === "node"
    ? beyondTheMock === undefined
    : environment === undefined &&
      (beyondTheMock === undefined || beyondTheMock === "credentialsInNode");

/**
 * Those that a script in a page can show, since they need no header that the browser keeps to
 * itself.
 */
export const pageBehaviours: readonly Behaviour[] = behaviours.filter(
  ({ environment }) => environment !== "outsideAPage",
);
