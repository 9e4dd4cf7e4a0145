/** As the contract has it, whose schemas no page carries. */
export const shortestPassword = 15;
