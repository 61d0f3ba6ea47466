import { memo, type ReactNode, useContext, useEffect, useState } from "react";
import { memory } from "../../room/memory";
import { outputTexts } from "../../texts";
import { useCopy } from "../shared/useCopy";
import { BlockActionContext } from "./blockAction";
import { type Colored, colorize, onHighlighter } from "./highlight";

export type CodeProps = {
  /** The exact source, without the fence and without the line break before its end. */
  readonly code: string;
  readonly language: string;
  /** Whether the closing fence is still missing. */
  readonly open: boolean;
};

/** Whether the reader wants long lines of code wrapped, for the blocks that are shown from now on. */
const WRAP_FLAG = "wrap-code";

/**
 * Code with its language, a switch that wraps long lines, and a button that copies the exact source. The button appears when the code is complete.
 */
export const CodeBlock = memo(function CodeBlock({ code, language, open }: CodeProps) {
  const { copied, copy } = useCopy();
  const action = useContext(BlockActionContext);
  const [wraps, setWraps] = useState(() => memory.flag(WRAP_FLAG, false));
  const toggleWrap = () => {
    memory.setFlag(WRAP_FLAG, !wraps);
    setWraps(!wraps);
  };
  return (
    <figure className="md-code" data-wraps={wraps || undefined}>
      <figcaption>
        <span>{language === "" ? outputTexts.text : language}</span>
        {!open && (
          <>
            <button
              type="button"
              className="md-copy"
              onClick={() => copy(code)}
              aria-label={outputTexts.copyCode(language || "text")}
            >
              {copied ? outputTexts.copied : outputTexts.copy}
            </button>
            <button type="button" className="md-copy" aria-pressed={wraps} onClick={toggleWrap}>
              {outputTexts.wrapLines}
            </button>
            {action?.({ language, code })}
          </>
        )}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keys */}
      <pre tabIndex={0}>
        <HighlightedCode code={code} language={language} open={open} />
      </pre>
    </figure>
  );
});

/** Code with colours. It is plain until the highlighter has loaded. */
export function HighlightedCode({ code, language, open }: CodeProps) {
  const colored = useHighlight(code, language, open);
  return <code>{colored === null ? code : colored.map(paint)}</code>;
}

const paint = (part: Colored, at: number): ReactNode =>
  typeof part === "string" ? (
    part
  ) : (
    <span key={at} className={part.className}>
      {part.children.map(paint)}
    </span>
  );

/** The highlighted code, or null until the highlighter has loaded. The first code block starts to load it. */
function useHighlight(code: string, language: string, open: boolean): readonly Colored[] | null {
  const [, setReady] = useState(false);
  useEffect(() => onHighlighter(() => setReady(true)), []);
  return colorize(code, language, open);
}
