/**
 * What an API's locks, channels and stores are called in a browser, since one origin may hold many
 * SPAs.
 */
export const sharedNameOf = (baseUrl: string): string => `sallyport ${baseUrl.replace(/\/+$/, "")}`;
