/**
 * Headers of an answer as its caller has to read them: a `Location` that handlers give as a path of
 * the API gets the path in front under which the API is reached.
 * @param basePath of the public URL, without a slash at its end
 */
export const locateUnder = (
  basePath: string,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const { location } = headers;
  return location?.startsWith("/") === true && basePath !== ""
    ? { ...headers, location: basePath + location }
    : headers;
};
