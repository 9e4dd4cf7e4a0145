/** Whoever builds a page on the mock looks at the console, where a server has its log. */
export const tellDeveloper = (message: string, error?: unknown): void =>
  console.error(`The mock of Sallyport: ${message}`, ...(error === undefined ? [] : [error]));
