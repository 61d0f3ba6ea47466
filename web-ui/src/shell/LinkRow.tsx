import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon } from "../icon/Icon";
import { copyText } from "../page/clipboard";
import { ApiProblem, useRoom } from "../room";
import { shareTexts } from "../texts";

/** The server's message about a failed request, or the sentence that the server does not answer. */
export function errorText(cause: unknown): string {
  return cause instanceof ApiProblem && !cause.unreachable
    ? cause.message
    : shareTexts.linksComeServerNotAnswer;
}

/** The link with this page's origin. The server puts its configured origin into links, which may be another one. */
export function onThisOrigin(link: string): string {
  const url = new URL(link, window.location.href);
  return window.location.origin + url.pathname + url.hash;
}

/** A link in a read-only field, with a copy button and further actions. */
export function LinkRow({
  title,
  text,
  url,
  primary = false,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly url: string;
  /** Whether it is the link that most people need. */
  readonly primary?: boolean;
  readonly children?: ReactNode;
}) {
  const room = useRoom();
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async (): Promise<void> => {
    try {
      await copyText(url);
    } catch {
      field.current?.select();
      room.notify(shareTexts.browserNotLetPageCopy);
      return;
    }
    setCopied(true);
    room.announce(shareTexts.copied);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), 2_000);
  };

  return (
    <div className="share-row">
      <label htmlFor={id}>
        <b>{title}</b>
        <small>{text}</small>
      </label>
      <input
        dir="ltr"
        ref={field}
        id={id}
        className="field"
        readOnly
        value={url}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button
        type="button"
        className={primary ? "btn btn-go" : "btn"}
        onClick={() => void copy()}
        aria-label={shareTexts.copyTheLink(title)}
      >
        <Icon name={copied ? "check" : "copy"} />
        {copied ? shareTexts.copied : primary ? shareTexts.copyLink : shareTexts.copy}
      </button>
      {children}
    </div>
  );
}
