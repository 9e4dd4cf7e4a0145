import { everySection, permissions, type Permission } from "../contract/permissions.ts";

export interface SamplePerson {
  readonly username: string;
  readonly displayName: string;
  readonly active: boolean;
  readonly roles: readonly string[];
  /** Sections granted to the person, beside those that come with a role. */
  readonly sections: readonly string[];
}

export interface SampleRole {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
  /** Slugs of sections, or the wildcard. */
  readonly sections: readonly string[];
}

export const sampleRoles: readonly SampleRole[] = [
  {
    name: "admin",
    description: "Sees every section and may do everything on the admin side.",
    permissions,
    sections: [everySection],
  },
  {
    name: "marketing",
    description: "The marketing team.",
    permissions: [],
    sections: ["marketing"],
  },
];

export const samplePeople: readonly SamplePerson[] = [
  { username: "mica", displayName: "Mica Okafor", active: true, roles: ["admin"], sections: [] },
  {
    username: "mike",
    displayName: "Mike Lindqvist",
    active: true,
    roles: ["marketing"],
    sections: [],
  },
  {
    username: "frida",
    displayName: "Frida Marchetti",
    active: true,
    roles: [],
    sections: ["finance", "operations"],
  },
  { username: "nora", displayName: "Nora Haddad", active: true, roles: [], sections: [] },
  {
    username: "dan",
    displayName: "Dan Whitlock",
    active: false,
    roles: ["marketing"],
    sections: [],
  },
];

export const samplePasswordOf = (username: string): string => `sample-${username}-passphrase`;
export const sampleEmailOf = (username: string): string => `${username}@example.com`;
