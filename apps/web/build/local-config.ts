import type { Connect, Plugin } from "vite";

/**
 * Answers `config.json` with the API's address from SALLYPORT_API_URL, so that one build can be
 * tried against any API.
 */
export const localConfig = (): Plugin => {
  const apiUrl = process.env["SALLYPORT_API_URL"];
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    if (!apiUrl || !/\/config\.json(\?|$)/.test(request.url ?? "")) return next();
    response.setHeader("Content-Type", "application/json");
    response.setHeader("Cache-Control", "no-cache");
    response.end(JSON.stringify({ apiUrl }));
  };
  return {
    name: "sallyport-local-config",
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
};
