import type { Client } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient, useClientState, useSession } from "@sallyport/shared/react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  IconFileText,
  IconKeyboard,
  IconLogin,
  IconLogout,
  IconSettings,
  IconUser,
} from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { Header, Menu, MenuItem, MenuSection } from "react-aria-components/Menu";
import { Input, TextField } from "react-aria-components/TextField";
import { useLocation, useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useAdminPages } from "../../session/admin-pages.ts";
import { useChange } from "../../session/use-change.ts";
import { Callout } from "../../ui/callout.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import "../../ui/press-styles.ts";
import { SectionIcon } from "../../ui/section-icon.tsx";
import classes from "./command-palette.module.css";
import { rank } from "./rank.ts";

/** Something that can be gone to, or done. */
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly kind: "Section" | "Administration" | "Person" | "Account";
  readonly icon: ReactNode;
  /** What else tells it from others. */
  readonly about?: string;
  /** Where it leads; what leads nowhere is done here. */
  readonly path?: string;
}

/** More are found by typing. */
const mostInGroup = 30;
const mostFound = 20;
const mostRecent = 5;
const mostPeople = 6;
const pauseMs = 200;

const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;

const personEntry = (user: {
  readonly id: string;
  readonly displayName: string;
  readonly username: string;
}): Entry => ({
  id: user.id,
  title: user.displayName,
  about: user.username,
  kind: "Person",
  icon: <IconUser {...icon} />,
  path: paths.adminUser(user.id),
});

/** Everything that there is to find without asking. */
const useOwnEntries = (): readonly Entry[] => {
  const client = useClient();
  const session = useSession();
  const { status } = useClientState();
  const pages = useAdminPages();
  const open = useQuery({
    ...apiQuery(client, "GET /sections"),
    enabled: status === "visitor",
  });
  const sections = session?.sections ?? open.data?.items ?? [];
  return [
    ...sections.map((section): Entry => ({
      id: `section ${section.slug}`,
      title: section.title,
      kind: "Section",
      icon: <SectionIcon name={section.icon} />,
      path: paths.section(section.slug),
    })),
    ...pages.map(({ path, title }): Entry => ({
      id: path,
      title,
      kind: "Administration",
      icon: <IconSettings {...icon} />,
      path,
    })),
    ...(session
      ? [
          {
            id: paths.account(),
            title: "Your account",
            kind: "Account",
            icon: <IconFileText {...icon} />,
            path: paths.account(),
          } as const,
        ]
      : []),
    {
      id: "shortcuts",
      title: "Keyboard shortcuts",
      kind: "Account",
      icon: <IconKeyboard {...icon} />,
    },
    session
      ? { id: "sign out", title: "Sign out", kind: "Account", icon: <IconLogout {...icon} /> }
      : {
          id: "sign in",
          title: "Sign in",
          kind: "Account",
          icon: <IconLogin {...icon} />,
          path: paths.signIn(),
        },
  ];
};

/** Who is meant by what was typed, as the server knows people, a moment after the last letter. */
const usePeople = (typed: string): { people: readonly Entry[]; isAsking: boolean } => {
  const client = useClient();
  const mayRead = useCan({ permission: "users:read" });
  const [asked, setAsked] = useState("");
  const wanted = typed.trim().slice(0, 100);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), pauseMs);
    return () => clearTimeout(timer);
  }, [wanted]);
  const isAsked = mayRead && asked !== "" && wanted !== "";
  const { data, isFetching } = useQuery({
    ...apiQuery(client, "GET /users", { query: { q: asked, limit: mostPeople } }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  return {
    people: isAsked ? (data?.items ?? []).map(personEntry) : [],
    isAsking: mayRead && wanted !== "" && (isFetching || asked !== wanted),
  };
};

/** People whose pages were open: by now the cache knows who they are. */
const usePeopleOfPages = (client: Client): readonly Entry[] => {
  const queryClient = useQueryClient();
  return queryClient
    .getQueriesData<{ id: string; displayName: string; username: string }>({
      queryKey: ["GET /users/:userId", client.userId()],
    })
    .flatMap(([, user]) => (user ? [personEntry(user)] : []));
};

/** What has no more than the letters of it: behind people, whose names the server looks for. */
const vague = 3;

const groupsOf = (
  typed: string,
  own: readonly Entry[],
  { people, isAsking }: ReturnType<typeof usePeople>,
  recent: readonly Entry[],
): readonly { readonly title: string | null; readonly entries: readonly Entry[] }[] => {
  if (typed.trim() === "") {
    const others = own.filter(({ id }) => !recent.some((one) => one.id === id));
    return [
      { title: "Opened last", entries: recent },
      ...(["Section", "Administration", "Account"] as const).map((kind) => ({
        title: kind === "Section" ? "Sections" : kind,
        entries: others.filter((entry) => entry.kind === kind).slice(0, mostInGroup),
      })),
    ].filter(({ entries }) => entries.length > 0);
  }
  const known = [...recent, ...own];
  const found = known
    .filter(({ id }, index) => known.findIndex((one) => one.id === id) === index)
    .flatMap((entry) => {
      const fits = rank(typed, entry.title);
      // Whoever presses Enter at once is not to land on what fits badly.
      return fits === null || (fits === vague && isAsking) ? [] : [{ entry, fits }];
    });
  // The server has found them, by an address it may be.
  for (const entry of people)
    if (!found.some((one) => one.entry.id === entry.id))
      found.push({ entry, fits: Math.min(rank(typed, entry.title) ?? 2, 2) });
  const entries = found
    .sort((one, other) => one.fits - other.fits)
    .slice(0, mostFound)
    .map(({ entry }) => entry);
  return entries.length > 0 ? [{ title: null, entries }] : [];
};

/**
 * Every section, page and person that one may open, by name, and what else can be done from
 * everywhere.
 */
export function CommandPalette({
  visited,
  onShortcuts,
  onClose,
}: {
  /** Addresses of pages that were open, the last one first. */
  readonly visited: readonly string[];
  readonly onShortcuts: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const client = useClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [typed, setTyped] = useState("");
  const own = useOwnEntries();
  const asked = usePeople(typed);
  const known = [...own, ...usePeopleOfPages(client)];
  const recent = visited
    .filter((path) => path !== pathname)
    .flatMap((path) => known.find((entry) => entry.path === path) ?? [])
    .slice(0, mostRecent);
  const groups = groupsOf(typed, own, asked, recent);
  const shown = groups.flatMap(({ entries }) => entries);
  const signOut = useChange({ call: (caller) => caller.signOut(), onDone: onClose });

  const choose = (id: string): void => {
    const entry = shown.find((one) => one.id === id);
    if (entry?.id === "shortcuts") return onShortcuts();
    if (entry?.id === "sign out") return signOut.run();
    onClose();
    if (entry?.path !== undefined) void navigate(entry.path);
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <I18nProvider locale="en-US">
        <Autocomplete inputValue={typed} onInputChange={setTyped}>
          <div className={classes.roll}>
            <TextField aria-label="A section, a page or a person" className={classes.field ?? ""}>
              <Input
                data-autofocus
                className={classes.input ?? ""}
                placeholder="A section, a page or a person"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={100}
                enterKeyHint="go"
              />
            </TextField>
            <Menu
              aria-label="Found"
              className={classes.found ?? ""}
              onAction={(key) => choose(String(key))}
              renderEmptyState={() => (
                <p className={classes.nothing}>
                  {asked.isAsking ? "Looking…" : "Nothing is called so."}
                </p>
              )}
            >
              {groups.map(({ title, entries }) => (
                <MenuSection
                  key={title}
                  {...(title === null && { "aria-label": "What fits" })}
                  className={classes.group ?? ""}
                >
                  {title !== null && <Header className={classes.heading ?? ""}>{title}</Header>}
                  {entries.map((entry) => (
                    <MenuItem
                      key={entry.id}
                      id={entry.id}
                      textValue={entry.title}
                      className={classes.entry ?? ""}
                    >
                      {entry.icon}
                      <span className={classes.title}>
                        <bdi>{entry.title}</bdi>
                        {entry.about !== undefined && (
                          <bdi className={classes.about}>{entry.about}</bdi>
                        )}
                      </span>
                      {(title === null || title === "Opened last") && (
                        <span className={classes.kind}>{entry.kind}</span>
                      )}
                    </MenuItem>
                  ))}
                </MenuSection>
              ))}
            </Menu>
          </div>
        </Autocomplete>
      </I18nProvider>
      <div role="alert">
        {signOut.failure && (
          <Callout tone="danger">You are still signed in. {signOut.failure.message}</Callout>
        )}
      </div>
    </Dialog>
  );
}
