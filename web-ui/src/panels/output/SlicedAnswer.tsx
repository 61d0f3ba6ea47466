import { memo, useEffect, useMemo, useRef, useState } from "react";
import { AnswerText } from "./AnswerText";
import { SLICE_UNITS, type Sliced, sliceMore } from "./slices";
import { drawWhenNear } from "./visible";

type Props = {
  readonly text: string;
  readonly streaming: boolean;
  /** Whether the beginning and the end of the answer are drawn at once, and not only when they are near the view. */
  readonly eager: boolean;
};

/**
 * An answer as Markdown, drawn in slices of a bounded size, each in its own task and only when it is near the view.
 * Until then a slice is plain text, which the browser neither lays out nor paints, but finds and copies.
 */
export const SlicedAnswer = memo(function SlicedAnswer({ text, streaming, eager }: Props) {
  const before = useRef<Sliced>({ text: "", slices: [] });
  const slices = useMemo(() => {
    before.current = sliceMore(before.current, text);
    return before.current.slices;
  }, [text]);
  const last = slices.length - 1;
  return slices.map((slice, index) => (
    <Slice
      // biome-ignore lint/suspicious/noArrayIndexKey: slices are only appended
      key={index}
      text={slice}
      streaming={streaming && index === last}
      eager={(eager && last < 2) || (streaming && index === last)}
    />
  ));
});

const Slice = memo(function Slice({ text, streaming, eager }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(eager);
  const drawn = isNear || streaming;
  useEffect(() => {
    if (drawn || element.current === null) return;
    return drawWhenNear(element.current, () => setNear(true));
  }, [drawn]);
  // A slice that was drawn stays drawn, also when it is no longer the last one of a running answer.
  useEffect(() => {
    if (streaming) setNear(true);
  }, [streaming]);
  return (
    <div
      ref={element}
      className="output-slice"
      data-drawn={drawn}
      style={{ "--est": `${estimatedHeight(text)}px` }}
    >
      {drawn ? <AnswerText text={text} streaming={streaming} /> : <p className="output-plain">{text}</p>}
    </div>
  );
});

/** A rough height of a text before it is drawn, in pixels. The scrollbar uses it. */
const estimatedHeight = (text: string): number =>
  Math.ceil(24 * Math.max(1, Math.min(text.length, SLICE_UNITS * 4) / 70));
