import { type ReactNode, useMemo } from "react";
import { blocksOf, type Inline } from "./lightMarkdown";

/** The text of a message with its styles, quotes, code and links. */
export function MessageText({
  text,
  names,
}: {
  readonly text: string;
  /** The names of the people in the room. The list stays the same object while they do. */
  readonly names?: readonly string[] | undefined;
}) {
  const blocks = useMemo(() => blocksOf(text, names), [text, names]);
  return blocks.map((block, at) => {
    // Blocks have no identity but their place.
    const key = `${block.kind}-${at}`;
    if (block.kind === "code")
      return (
        <pre key={key} className="chat-code">
          <code>{block.text}</code>
        </pre>
      );
    const parts = block.parts.map(drawn);
    return block.kind === "quote" ? (
      <blockquote key={key} className="chat-quote" dir="auto">
        {parts}
      </blockquote>
    ) : (
      <p key={key} className="chat-text" dir="auto">
        {parts}
      </p>
    );
  });
}

function drawn({ style, text, href }: Inline, at: number): ReactNode {
  switch (style) {
    case "bold":
      return <strong key={at}>{text}</strong>;
    case "italic":
      return <em key={at}>{text}</em>;
    case "strike":
      return <s key={at}>{text}</s>;
    case "code":
      return <code key={at}>{text}</code>;
    case "person":
      return (
        <b key={at} className="chat-person">
          {text}
        </b>
      );
    case "link":
      return (
        <a key={at} href={href} target="_blank" rel="noopener noreferrer nofollow">
          {text}
        </a>
      );
    default:
      return text;
  }
}
