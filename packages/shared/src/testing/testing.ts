/**
 * One suite of behaviours for whoever answers by the contract: the server and the mock are held to
 * it alike. It knows no test runner and no Node: each behaviour is a sentence and a function that
 * throws where something is not as it says.
 */
export type { Behaviour, BehaviourTable, EndpointBehaviours, Shown } from "./behaviour.ts";
export { behaviours, behaviourTable, isShownByTheMock, pageBehaviours } from "./behaviours.ts";
export { Difference } from "./differences.ts";
export { limitations, type Limitation } from "../limitations.ts";
export {
  passwordOf,
  settings,
  type Condition,
  type Person,
  type Sent,
  type Subject,
} from "./subject.ts";
export { giveGrant } from "./store-promises/promise.ts";
export {
  storePromises,
  type Database,
  type StorePromise,
  type StoreSubject,
} from "./store-promises.ts";
