/** What `sort` may be: each order, and with a hyphen before it the other way round. */
export const bothWays = <const O extends string>(
  orders: readonly O[],
): readonly (O | `-${O}`)[] => [...orders, ...orders.map((order) => `-${order}` as const)];
