/** A request by `XMLHttpRequest`, which tells how much of its body has gone. */

/** Headers of an answer, each on a line of its own. */
const readHeaders = (lines: string): Headers => {
  const headers = new Headers();
  for (const line of lines.trim().split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
};

/** As `fetch`, and calls back with the share of the body that has gone, from 0 to 1. */
export const sendWithProgress =
  (onProgress: (share: number) => void) =>
  (url: string, { method = "GET", headers, body, credentials, signal }: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.withCredentials = credentials === "include";
      request.responseType = "text";
      for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
        if (lengthComputable && total > 0) onProgress(loaded / total);
      });
      request.addEventListener("load", () =>
        resolve(
          new Response([204, 304].includes(request.status) ? null : request.responseText, {
            status: request.status,
            headers: readHeaders(request.getAllResponseHeaders()),
          }),
        ),
      );
      request.addEventListener("error", () => reject(new TypeError("The request was cut off.")));
      request.addEventListener("abort", () =>
        reject(new DOMException("The request was given up.", "AbortError")),
      );
      if (signal?.aborted) return reject(new DOMException("Given up before.", "AbortError"));
      signal?.addEventListener("abort", () => request.abort());
      request.send(body as XMLHttpRequestBodyInit);
    });
