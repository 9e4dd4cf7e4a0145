import { IconExternalLink } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useAppSession } from "../session/app-session-context.ts";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";
import { planEmbed } from "./embed.ts";
import classes from "./embed-body.module.css";

const patienceMilliseconds = 15_000;

type Progress = "waiting" | "loaded" | "slow" | "refused";

/**
 * A page from elsewhere, in a frame. No browser tells us that such a page refused to be framed:
 * events, timings and the frame's document are the same as of one that is shown, and the browser
 * says so itself inside the frame. What can be known is that the frame never loaded, or that this
 * page's policy refused it. The way around is always offered.
 */
export function EmbedBody({
  title,
  url,
  height,
}: {
  readonly title: string;
  readonly url: string;
  readonly height: number;
}): ReactNode {
  const { config } = useAppSession();
  const frame = useRef<HTMLIFrameElement>(null);
  const [progress, setProgress] = useState<Progress>("waiting");
  const plan = planEmbed(url, [window.location.href, config.apiUrl]);
  const { origin, host } = new URL(url);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // The frame is fetched when it comes into view: only then does the wait begin.
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      timer = setTimeout(
        () => setProgress((now) => (now === "waiting" ? "slow" : now)),
        patienceMilliseconds,
      );
    });
    observer.observe(element);
    const noteRefusal = (event: SecurityPolicyViolationEvent): void => {
      if (event.effectiveDirective === "frame-src" && event.blockedURI.startsWith(origin))
        setProgress("refused");
    };
    document.addEventListener("securitypolicyviolation", noteRefusal);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener("securitypolicyviolation", noteRefusal);
    };
  }, [origin]);

  const open = (
    <a href={url} target="_blank" rel="noopener noreferrer" className={classes.open}>
      Open {host} in a new tab
      <IconExternalLink size={14} aria-hidden="true" />
    </a>
  );
  if (plan.problem === "insecure")
    return (
      <div className={classes.refused} style={{ minHeight: Math.min(height, 160) }}>
        <p>
          This page is not shown here: its address is unencrypted (http), and only encrypted pages
          can be part of this one.
        </p>
        <p>{open}</p>
      </div>
    );
  if (progress === "refused")
    return (
      <div className={classes.refused} role="status" style={{ minHeight: Math.min(height, 160) }}>
        <p>Your browser refused to show {host} here.</p>
        <p>{open}</p>
      </div>
    );
  return (
    <>
      <iframe
        ref={frame}
        className={classes.frame}
        src={url}
        title={title}
        height={height}
        sandbox={plan.sandbox}
        referrerPolicy="no-referrer"
        loading="lazy"
        onLoad={() => setProgress((now) => (now === "refused" ? now : "loaded"))}
      />
      <p className={classes.note}>
        <span role="status">
          {progress === "slow" &&
            `${host} has not answered yet. Nothing to see? Some sites do not let themselves be shown inside others. `}
        </span>
        {open}
      </p>
      <VisuallyHidden>End of {title}</VisuallyHidden>
    </>
  );
}
