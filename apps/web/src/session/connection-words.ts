/** What is the matter with the connection, in words for whoever looks at the page. Pure. */
import { ApiError, type ConnectionFault, type NetworkError } from "@sallyport/shared/client";

/**
 * How long something else may answer in the server's place before the page says so: a restart
 * behind a proxy looks the same.
 */
export const betweenMilliseconds = 30_000;

/** @param lasts it has been like this for `betweenMilliseconds` */
export const faultInWords = (fault: ConnectionFault | undefined, lasts: boolean): string => {
  if (fault instanceof ApiError)
    return fault.code === "busy" || fault.code === "rate_limited"
      ? "The server is busy."
      : `The server has failed to answer (request ${fault.problem.requestId}).`;
  return fault?.status !== undefined && lasts
    ? `Connection lost: something between this page and the server answers in its place (status ${fault.status}).`
    : "Connection lost.";
};

/** Why a form got no answer of the API. */
export const noAnswerInWords = ({ status }: NetworkError): string =>
  status === undefined
    ? "The server cannot be reached. Check your connection and try again."
    : `Something between this page and the server has answered in its place (status ${status}). Try again in a moment.`;

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What whoever runs this can check where no answer of the API has ever come. */
export const whatToCheck = (apiUrl: string, pageUrl: string): readonly string[] => {
  const [api, page] = [new URL(apiUrl), new URL(pageUrl)];
  return [
    `The API runs, and answers at ${apiUrl}/healthz when you open that in this browser.`,
    `The file config.json beside this page names the API's address exactly: scheme, host and port.`,
    `The API's setting SALLYPORT_WEB_ORIGINS lists ${page.origin}. Its log names an origin that it does not accept.`,
    ...(api.hostname !== page.hostname &&
    loopback.test(api.hostname) &&
    loopback.test(page.hostname)
      ? [
          `This page is on ${page.hostname} and the API on ${api.hostname}. To a browser those are two sites: use one name for both.`,
        ]
      : []),
    ...(page.protocol === "https:" && api.protocol === "http:"
      ? ["This page came by https, and the API's address is http: browsers refuse that."]
      : []),
  ];
};
