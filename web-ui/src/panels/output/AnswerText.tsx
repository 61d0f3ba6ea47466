import { useEffect } from "react";
import { whenIdle } from "../../page/idle";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import type { MarkdownProps } from "./Markdown";

/** The markdown renderer: half a megabyte of code that a room without an answer does not need yet. */
const markdown = new LazyCode(() => import("./Markdown"));

/** Fetches the renderer after the room is open and the page is idle. */
export function usePrefetchMarkdown(): void {
  useEffect(() => whenIdle(markdown.load), []);
}

/** An answer as markdown. It shows the plain source until the renderer has loaded, or if it fails to load. */
export function AnswerText(props: MarkdownProps) {
  const loaded = useLazyCode(markdown);
  return loaded === null || loaded === "failed" ? (
    <p className="output-plain">{props.text}</p>
  ) : (
    <loaded.Markdown {...props} />
  );
}
