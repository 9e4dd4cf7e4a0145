import type { User } from "../../contract/users.ts";
import type { DescribedUser } from "../users/user-store.ts";

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** As those see a user who may read about people. */
export const describeUser = ({ user, isIn, createdAt, lastSeenAt }: DescribedUser): User => ({
  id: user.id,
  username: user.username,
  email: user.email,
  emailVerified: user.emailVerified,
  displayName: user.displayName,
  active: user.active,
  hasPassword: user.passwordHash !== null,
  roles: isIn.map(({ id, name }) => ({ id, name })),
  createdAt: iso(createdAt),
  lastSeenAt: lastSeenAt === null ? null : iso(lastSeenAt),
});
