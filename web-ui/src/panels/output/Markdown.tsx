import type { Element, ElementContent } from "hast";
import { type ComponentProps, type ReactNode, useMemo } from "react";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import { defaultRemarkPlugins, Streamdown, useIsCodeFenceIncomplete } from "streamdown";
import { outputTexts } from "../../texts";
import { CodeBlock } from "./CodeBlock";
import { directionOf, hasLongWord } from "./direction";
import "./markdown.css";

/*
 * Renders text from a model or a person as markdown, safely.
 *
 * HTML in the source stays text: without `rehype-raw` the renderer turns every piece of HTML into a text node. As a
 * second defence, the sanitiser keeps only known elements and link protocols. Images are shown as links and never
 * loaded, since loading an image from a model's answer would tell its server who reads the answer.
 */

const schema = {
  ...defaultSchema,
  clobberPrefix: "md-",
  protocols: { href: ["http", "https", "mailto"] },
};

const rehypePlugins = [[rehypeSanitize, schema]] as ComponentProps<typeof Streamdown>["rehypePlugins"];
type RemarkPlugin = (typeof defaultRemarkPlugins)[string];
// "~5 min and ~10 km" is no deletion: only two tildes strike text through.
const remarkPlugins = Object.entries(defaultRemarkPlugins).map(
  ([name, plugin]): RemarkPlugin =>
    name === "gfm"
      ? ([Array.isArray(plugin) ? plugin[0] : plugin, { singleTilde: false }] as RemarkPlugin)
      : plugin,
);

export type MarkdownProps = {
  readonly text: string;
  /** Whether the text still grows: unfinished syntax is then closed, and an open code fence has no copy button. */
  readonly streaming: boolean;
};

/** Text rendered as markdown. */
export function Markdown({ text, streaming }: MarkdownProps) {
  // In "streaming" mode the renderer splits the text into blocks, so that finished blocks do not render again.
  const children = useMemo(() => text.replaceAll("\r\n", "\n"), [text]);
  return (
    <Streamdown
      className="md"
      components={components}
      rehypePlugins={rehypePlugins}
      remarkPlugins={remarkPlugins}
      isAnimating={streaming}
      parseIncompleteMarkdown={streaming}
      mode="streaming"
      linkSafety={noModal}
      controls={false}
    >
      {children}
    </Streamdown>
  );
}

const noModal = { enabled: false };

type Tag = { children?: ReactNode; node?: Element | undefined };

/** A component for a plain element, in place of the renderer's component with its classes, buttons and dialogs. */
const plain = (Name: "ul" | "hr" | "strong" | "sub" | "sup" | "section" | "thead" | "tbody") =>
  function Plain({ children }: Tag) {
    return Name === "hr" ? <hr /> : <Name>{children}</Name>;
  };

/** A component for a block with text. The block has the direction of its first letter. */
const block = (Name: "p" | "th") =>
  function Block({ children }: Tag) {
    return <Name dir="auto">{children}</Name>;
  };

/**
 * A component for a block that contains blocks, such as a list item with its bullet. The browser's "auto" would ignore
 * the text of the inner blocks.
 */
const container = (Name: "li" | "blockquote" | "table") =>
  function Container({ children, node }: Tag) {
    return <Name dir={directionOf(node)}>{children}</Name>;
  };
const Table = container("table");

/**
 * A component for a heading. Levels start below the window's title, which is an h2. Answers use # or ## for their first
 * level, so both become h3.
 */
const heading = (Name: "h3" | "h4" | "h5" | "h6", size: number) =>
  function Heading({ children }: Tag) {
    return (
      <Name dir="auto" className={`md-h${size}`}>
        {children}
      </Name>
    );
  };

const components: ComponentProps<typeof Streamdown>["components"] = {
  p: block("p"),
  ul: plain("ul"),
  blockquote: container("blockquote"),
  hr: plain("hr"),
  strong: plain("strong"),
  sub: plain("sub"),
  sup: plain("sup"),
  section: plain("section"),
  thead: plain("thead"),
  tbody: plain("tbody"),
  h1: heading("h3", 1),
  h2: heading("h3", 2),
  h3: heading("h4", 3),
  h4: heading("h5", 4),
  h5: heading("h6", 4),
  h6: heading("h6", 4),
  ol: ({ children, node }: Tag) => <ol start={Number(node?.properties.start ?? 1)}>{children}</ol>,
  li: container("li"),
  tr: ({ children }: Tag) => <tr>{children}</tr>,
  th: block("th"),
  td: ({ children, node }: Tag) => (
    <td dir="auto" className={hasLongWord(node) ? "md-long" : undefined}>
      {children}
    </td>
  ),
  table: ({ children, node }: Tag) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys
    <section className="md-table" tabIndex={0} aria-label={outputTexts.table}>
      <Table node={node}>{children}</Table>
    </section>
  ),
  a: ({ children, node }: Tag) => <Link href={node?.properties.href}>{children}</Link>,
  img: ({ node }: Tag) => <Picture alt={node?.properties.alt} src={node?.properties.src} />,
  code: ({ children }: Tag) => <code>{children}</code>,
  pre: Pre,
};

function Link({ href, children }: { href: unknown; children: ReactNode }) {
  if (typeof href !== "string" || !/^(https?:|mailto:|#)/i.test(href)) return <span>{children}</span>;
  if (href.startsWith("#")) return <a href={href}>{children}</a>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function Picture({ alt, src }: { alt: unknown; src: unknown }) {
  const description = typeof alt === "string" && alt !== "" ? alt : outputTexts.noDescription;
  return (
    <span className="md-picture">
      {outputTexts.pictureNotLoaded} <Link href={src}>{description}</Link>
    </span>
  );
}

function Pre({ node }: Tag) {
  const open = useIsCodeFenceIncomplete();
  const code = node?.children.find(
    (child): child is Element => child.type === "element" && child.tagName === "code",
  );
  return <CodeBlock code={sourceOf(code)} language={languageOf(code)} open={open} />;
}

/** The code exactly as written: without the line break that the syntax tree adds at its end. */
function sourceOf(code: Element | undefined): string {
  return (code?.children.map(textOf).join("") ?? "").replace(/\n$/, "");
}

const textOf = (node: ElementContent): string =>
  node.type === "text" ? node.value : node.type === "element" ? node.children.map(textOf).join("") : "";

function languageOf(code: Element | undefined): string {
  const names = code?.properties.className;
  const found = (Array.isArray(names) ? names : []).map(String).find((name) => name.startsWith("language-"));
  return found?.slice("language-".length) ?? "";
}
