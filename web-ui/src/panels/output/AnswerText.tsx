import { useEffect } from "react";
import { whenIdle } from "../../idle";
import { Later, useLater } from "../../later";
import type { MarkdownProps } from "./Markdown";

/** Half a megabyte of code that a room without an answer does not need yet. */
const markdown = new Later(() => import("./Markdown"));

/** Fetches what answers are drawn with once the room stands and the page has nothing else to do. */
export function useMarkdownAhead(): void {
  useEffect(() => whenIdle(markdown.load), []);
}

/** An answer as markdown; as it was written until the code for that has come, or when it does not. */
export function AnswerText(props: MarkdownProps) {
  const loaded = useLater(markdown);
  return loaded === null || loaded === "failed" ? (
    <p className="output-plain">{props.text}</p>
  ) : (
    <loaded.Markdown {...props} />
  );
}
