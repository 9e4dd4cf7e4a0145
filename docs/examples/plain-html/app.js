/**
 * A whole single-page application without framework, bundler or build. `sallyport-client.js` keeps
 * the session; what is here is the page.
 */
import { createClient, isApiError, NetworkError } from "./sallyport-client.js";

const client = createClient({
  baseUrl: document.querySelector("meta[name=sallyport-api]").content,
});

const byId = (id) => document.getElementById(id);
/**
 * An element with its properties and what is in it. Text stays text: nothing from the server is
 * ever read as HTML.
 */
const element = (name, properties, ...content) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
};
const say = (id, text) => {
  byId(id).textContent = text;
};

// ---- Who is there ----

const form = document.querySelector("form");

/** Why a session is over, where the person can do something with it. */
const whyOver = (reason) =>
  ({
    reuse: "Someone used an old copy of your session, so it was ended.",
    signedOut: "You signed out of this session.",
    signedOutEverywhere: "You signed out everywhere, on another page or device.",
    endedByUser: "You ended this session on another page or device.",
    endedByAdmin: "An admin ended your session.",
    idle: "You were away for a long time, so your session was ended.",
    passwordChanged: "Your password was changed.",
    deactivated: "Your account has been deactivated.",
  })[reason] ?? "Your session is over.";

/** Shows what belongs to the state of the session, after every change of it. */
const showState = () => {
  const state = client.state();
  const session = state.status === "signedIn" || state.status === "expired" ? state.session : null;
  // A session that is over leaves its page in place: whoever signs in again goes on where they
  // were.
  const asks = state.status === "visitor" || state.status === "expired";
  byId("sign-in").hidden = !asks;
  byId("who").hidden = session === null;
  byId("page").hidden = session === null;
  byId("page").inert = asks;
  byId("sign-in-reason").hidden = state.status !== "expired";
  if (session === null) {
    say("sign-in-reason", `${whyOver(state.reason)} Sign in again.`);
    document.title = "Sign in – Plain dashboards";
    byId("section").replaceChildren();
    return;
  }
  say("user", session.user.displayName);
  showLinks(session.sections);
  if (state.status === "expired" && !form.contains(document.activeElement)) {
    say("sign-in-reason", `${whyOver(state.reason)} Sign in to go on where you were.`);
    form.username.value = session.user.username;
    form.password.focus();
  }
};

const signIn = async () => {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  say("failure", "");
  try {
    await client.signIn({ username: form.username.value.trim(), password: form.password.value });
    // A browser that drops the API's cookies does so without a word.
    const cookies = await client.checkCookies().catch(() => null);
    if (cookies?.refresh === false)
      say("connection", "This browser blocks the cookies of the API: a reload will sign you out.");
  } catch (error) {
    say("failure", failureInWords(error));
    form.password.focus();
  } finally {
    form.password.value = "";
    button.disabled = false;
  }
};
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn();
});

const failureInWords = (error) => {
  if (error instanceof NetworkError)
    return "The server cannot be reached. Check your connection and try again.";
  if (isApiError(error, "invalid_credentials", "validation_failed"))
    return "The user name or the password is not right.";
  if (isApiError(error, "rate_limited", "busy"))
    return `Too many attempts just now. Try again in ${error.retryAfterSeconds ?? 10} seconds.`;
  return isApiError(error)
    ? `${error.message} (Request ${error.problem.requestId})`
    : "Something went wrong. Try again.";
};

byId("sign-out").addEventListener("click", () => {
  client
    .signOut()
    .catch(() => say("connection", "You are still signed in: the server did not answer."));
});

// ---- Sections ----

const wantedSlug = () => decodeURIComponent(location.hash.slice(1));

const showLinks = (sections) => {
  const links = sections.map(({ slug, title }) =>
    element(
      "a",
      { href: `#${encodeURIComponent(slug)}`, ariaCurrent: slug === wantedSlug() ? "page" : null },
      title,
    ),
  );
  const list = byId("sections");
  // A refresh brings the same sections again: whoever stands on a link stays there.
  const shown = [...list.querySelectorAll("a")];
  if (shown.length === links.length && shown.every((link, index) => link.isEqualNode(links[index])))
    return;
  list.replaceChildren(...links.map((link) => element("li", {}, link)));
};

let leaving = new AbortController();

/**
 * Asks for the section of the address and shows it. What was asked for before is not waited for.
 */
const openSection = async ({ moveFocus = false } = {}) => {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const state = client.state();
  if (state.status !== "signedIn") return;
  const slug = wantedSlug() || state.session.sections[0]?.slug;
  const section = byId("section");
  if (slug === undefined)
    return showMessage("Nothing to see here yet", "No section has been granted to you.");
  if (wantedSlug() !== slug) history.replaceState(null, "", `#${encodeURIComponent(slug)}`);
  showLinks(state.session.sections);
  section.ariaBusy = "true";
  try {
    showSection(
      await client.call(
        "GET /sections/:slug",
        { params: { slug }, query: { include: "data" } },
        { signal },
      ),
    );
  } catch (error) {
    if (signal.aborted) return;
    if (isApiError(error, "section_forbidden"))
      showMessage(
        "You have no access to this page",
        "There is no such section, or it has not been granted to you.",
      );
    else if (client.state().status === "signedIn")
      showMessage("This section could not be loaded", failureInWords(error));
  } finally {
    if (!signal.aborted) section.ariaBusy = "false";
  }
  if (moveFocus) section.querySelector("h1")?.focus();
};

const showMessage = (title, text) => {
  document.title = `${title} – Plain dashboards`;
  byId("section").replaceChildren(element("h1", { tabIndex: -1 }, title), element("p", {}, text));
};

const showSection = ({ title, description, panels }) => {
  document.title = `${title} – Plain dashboards`;
  byId("section").replaceChildren(
    element("h1", { tabIndex: -1 }, title),
    element("p", { className: "lead" }, description),
    element(
      "div",
      { className: "panels" },
      ...panels.map((panel) =>
        element(
          "section",
          { className: panel.kind },
          element("h2", {}, panel.title),
          ...bodyOf(panel),
        ),
      ),
    ),
  );
};

/** What a panel shows. A chart is shown as the table that it is drawn from. */
const bodyOf = (panel) => {
  // CommonMark, of which this page knows what is written in bold.
  if (panel.kind === "markdown")
    return [
      element(
        "p",
        { className: "text" },
        ...panel.text
          .split(/\*\*(.+?)\*\*/)
          .map((text, index) => (index % 2 ? element("strong", {}, text) : text)),
      ),
    ];
  if (panel.kind === "embed")
    return [element("a", { href: panel.url, rel: "noreferrer" }, panel.url)];
  if (panel.error) return [element("p", { className: "failed" }, panel.error.detail)];
  const { columns, rows } = panel.data;
  if (rows.length === 0) return [element("p", { className: "failed" }, "No data yet.")];
  if (panel.kind === "metric") return figuresOf(columns, rows[0]);
  return [tableOf(panel.title, columns, rows)];
};

const figuresOf = (columns, row) =>
  columns.map((column, index) => {
    const text = write(row[index], column);
    return column.previousOf === undefined
      ? element("p", { className: "figure" }, text)
      : element("p", { className: "before" }, `${text} in the period before`);
  });

const longest = 12;
const tableOf = (title, columns, allRows) => {
  // Of a series, the end of it is what is new.
  const isSeries =
    columns[0].bucket !== undefined ||
    columns[0].type === "date" ||
    columns[0].type === "timestamp";
  const rows = isSeries ? allRows.slice(-longest) : allRows.slice(0, longest);
  const isNumber = ({ type }) => type === "integer" || type === "decimal";
  const cells = (row) =>
    columns.map((column, index) =>
      element("td", { className: isNumber(column) ? "number" : "" }, write(row[index], column)),
    );
  return element(
    "div",
    { className: "scroll", tabIndex: 0, role: "region", ariaLabel: title },
    element(
      "table",
      {},
      ...(rows.length < allRows.length
        ? [
            element(
              "caption",
              {},
              `The ${isSeries ? "last" : "first"} ${longest} of ${allRows.length} rows`,
            ),
          ]
        : []),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...columns.map((column) =>
            element(
              "th",
              { scope: "col", className: isNumber(column) ? "number" : "" },
              column.label,
            ),
          ),
        ),
      ),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row)))),
    ),
  );
};

const write = (value, { type, unit, format, bucket }) => {
  if (value === null) return "–";
  if (type === "boolean") return value ? "yes" : "no";
  if (type === "date" || type === "timestamp") {
    const coarse = {
      year: { year: "numeric" },
      quarter: { year: "numeric", month: "short" },
      month: { year: "numeric", month: "short" },
    };
    const options =
      coarse[bucket] ??
      (type === "date" || bucket === "day" || bucket === "week"
        ? { dateStyle: "medium" }
        : { dateStyle: "medium", timeStyle: "short" });
    return new Date(value).toLocaleString(undefined, { timeZone: "UTC", ...options });
  }
  if (typeof value !== "number") return value;
  const options = {
    maximumFractionDigits: format?.digits ?? 2,
    minimumFractionDigits: format?.digits ?? 0,
  };
  if (format?.style === "percent")
    return value.toLocaleString(undefined, {
      ...options,
      maximumFractionDigits: format.digits ?? 1,
      style: "percent",
    });
  if (/^[A-Z]{3}$/.test(unit ?? ""))
    return value.toLocaleString(undefined, {
      ...options,
      style: "currency",
      currency: unit,
      notation: value >= 1e6 ? "compact" : "standard",
    });
  return (
    value.toLocaleString(undefined, {
      ...options,
      notation: format?.style === "compact" || value >= 1e8 ? "compact" : "standard",
    }) + (unit === "%" ? unit : unit ? `\u00a0${unit}` : "")
  );
};

// ---- What happens ----

client.subscribe(showState);
client.on("signedIn", () => void openSection({ moveFocus: true }));
client.on("signedOut", () => {
  leaving.abort();
  history.replaceState(null, "", location.pathname);
  say("failure", "");
  form.reset();
  form.username.focus();
});
// Whatever the page holds is somebody else's.
client.on("userChanged", () => location.reload());
client.on("permissionsChanged", ({ before, after }) => {
  const slugs = after.sections.map(({ slug }) => slug);
  say(
    "connection",
    before.sections.some(({ slug }) => !slugs.includes(slug))
      ? "Some of your sections were taken away."
      : "You may see more than before.",
  );
  void openSection();
});
client.on("sectionsChanged", ({ slugs }) => {
  if (slugs === null || slugs.includes(wantedSlug())) void openSection();
});
client.on("connectionLost", () =>
  say(
    "connection",
    client.state().connection === "unreached"
      ? "The server has not been reached. If you run this page: its API has to answer at the address in its head, and to list this page's origin."
      : "Connection lost. What you see may be out of date; nothing you do here is lost.",
  ),
);
client.on("connectionRestored", () => say("connection", ""));
addEventListener("hashchange", () => void openSection({ moveFocus: true }));

client.start().then(
  (state) => (state.status === "signedIn" ? openSection() : form.username.focus()),
  () => say("connection", "What answers at the API's address is no Sallyport."),
);
