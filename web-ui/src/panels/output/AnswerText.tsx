import { useEffect } from "react";
import { whenIdle } from "../../page/idle";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import type { MarkdownProps } from "./Markdown";

/** The markdown renderer. It is loaded separately, since it has half a megabyte and only answers need it. */
const markdown = new LazyCode(() => import("./Markdown"));

/** Prefetches the markdown renderer when the page is idle. */
export function usePrefetchMarkdown(): void {
  useEffect(() => whenIdle(markdown.load), []);
}

/** Renders an answer as markdown. Shows the plain source until the renderer has loaded, or if it fails to load. */
export function AnswerText(props: MarkdownProps) {
  const loaded = useLazyCode(markdown);
  return loaded === null || loaded === "failed" ? (
    <p className="output-plain">{props.text}</p>
  ) : (
    <loaded.Markdown {...props} />
  );
}
