import {
  Fragment,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { NamedPerson } from "../../room/people";
import type { ChatEntry } from "../../room/schema/read";
import { chatTexts } from "../../texts";
import type { CodeOfBlock } from "../output/blockAction";
import { namesPerson } from "./lightMarkdown";
import { isDeleted, Message, type MessageExtras, speakerOf } from "./Message";
import { chunksFrom, earlier, firstAtEnd, firstShown } from "./shownMessages";
import { dayLabel, newDay } from "./unread";

/** The names that messages can name with `@`. The object stays the same while the names do. */
export type Mentions = { readonly names: readonly string[]; readonly me: string };

type ListProps = {
  readonly entries: readonly ChatEntry[];
  readonly person: (identity: string) => NamedPerson;
  /** The state of the request that a message made, in words, or null. */
  readonly requestOf: (entry: ChatEntry) => string | null;
  /** The scrolled box around the list. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly atEnd: boolean;
  /** The id of the message above which "New" stands, or null. */
  readonly unreadMark: string | null;
  readonly onReply: ((entry: ChatEntry) => void) | null;
  readonly onEdit: ((entry: ChatEntry, text: string) => void) | null;
  readonly extras?: MessageExtras | undefined;
  readonly mentions?: Mentions | undefined;
  /** The id of a message that must be drawn, or null. */
  readonly reveal: string | null;
  /** A further button for a code block of an entry. */
  readonly blockAction?: ((entry: ChatEntry, block: CodeOfBlock) => ReactNode) | undefined;
};

/**
 * The messages of a chat. Of a long chat, the newest are rendered; earlier messages follow when the reader scrolls up, asks
 * for them, or starts the browser's search.
 */
export const MessageList = memo(function MessageList({
  entries,
  person,
  requestOf,
  scroller,
  atEnd,
  unreadMark,
  onReply,
  onEdit,
  extras,
  mentions,
  reveal,
  blockAction,
}: ListProps) {
  const count = entries.length;
  const [first, setFirst] = useState(() => firstAtEnd(count));
  const [showsAll, setShowsAll] = useState(false);
  const unread = unreadMark === null ? -1 : entries.findIndex((entry) => entry.id === unreadMark);
  const revealed = reveal === null ? -1 : entries.findIndex((entry) => entry.id === reveal);
  const wanted = unread < 0 || (revealed >= 0 && revealed < unread) ? revealed : unread;
  const shown = showsAll ? 0 : firstShown(first, { count, atEnd, unread: wanted });
  // While the reader is scrolled up, the same messages stay rendered.
  useEffect(() => setFirst(shown), [shown]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") setShowsAll(true);
    };
    globalThis.addEventListener("keydown", onKeyDown);
    return () => globalThis.removeEventListener("keydown", onKeyDown);
  }, []);
  const top = useEarlier(shown, scroller, () => setFirst((old) => earlier(Math.min(old, shown))));
  const showAll = (): void => {
    setShowsAll(true);
    scroller.current?.focus(); // the button disappears
  };
  const byId = useMemo(() => new Map(entries.map((entry) => [entry.id, entry])), [entries]);
  return (
    <>
      {shown > 0 && (
        <button ref={top} type="button" className="p-link chat-earlier" onClick={showAll}>
          {chatTexts.showAll} {count} {chatTexts.messagesWord}
        </button>
      )}
      {chunksFrom(shown, count).map(([start, end]) => (
        <Chunk
          key={start}
          before={entries[start - 1]}
          entries={entries.slice(start, end)}
          byId={byId}
          person={person}
          requestOf={requestOf}
          unreadMark={unreadMark}
          onReply={onReply}
          onEdit={onEdit}
          extras={extras}
          mentions={mentions}
          blockAction={blockAction}
        />
      ))}
    </>
  );
});

/** The distance from the first rendered message at which earlier messages are rendered. */
const NEAR_TOP_PX = 300;

/** Calls `onNear` when the reader comes near the top of the list, and keeps the messages in view where they are. */
function useEarlier(shown: number, scroller: RefObject<HTMLDivElement | null>, onNear: () => void) {
  const top = useRef<HTMLButtonElement>(null);
  const latest = useRef(onNear);
  latest.current = onNear;
  const heightBefore = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it observes again after each addition
  useEffect(() => {
    const box = scroller.current;
    const button = top.current;
    if (box === null || button === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true) return;
        heightBefore.current = box.scrollHeight;
        latest.current();
      },
      { root: box, rootMargin: `${NEAR_TOP_PX}px 0px 0px` },
    );
    observer.observe(button);
    return () => observer.disconnect();
  }, [shown, scroller]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it runs after each addition
  useLayoutEffect(() => {
    const box = scroller.current;
    const before = heightBefore.current;
    heightBefore.current = null;
    // Browsers with scroll anchoring keep the place themselves, except at the very top.
    if (box === null || before === null || (box.scrollTop > 0 && CSS.supports("overflow-anchor", "auto")))
      return;
    box.scrollTop += box.scrollHeight - before;
  }, [shown]);
  return top;
}

type ChunkProps = Pick<
  ListProps,
  "person" | "requestOf" | "unreadMark" | "onReply" | "onEdit" | "extras" | "mentions" | "blockAction"
> & {
  readonly before: ChatEntry | undefined;
  readonly entries: readonly ChatEntry[];
  readonly byId: ReadonlyMap<string, ChatEntry>;
};

/** Some messages in a row. A new message elsewhere does not render them again. */
const Chunk = memo(
  function Chunk(props: ChunkProps) {
    const { before, entries, byId, person, requestOf, unreadMark, onReply, mentions, blockAction } = props;
    return entries.map((entry, at) => {
      const author = person(entry.by);
      const replied = entry.replyTo === null ? undefined : byId.get(entry.replyTo);
      return (
        <Fragment key={entry.id === "" ? at : entry.id}>
          {newDay(at === 0 ? before : entries[at - 1], entry) && (
            <p className="chat-day">{dayLabel(entry.at, Date.now())}</p>
          )}
          {unreadMark === entry.id && <p className="chat-new">{chatTexts.new}</p>}
          <Message
            entry={entry}
            name={speakerOf(entry, author)}
            color={author.color}
            mine={author.isMe && entry.kind === "say"}
            quote={
              replied === undefined
                ? null
                : `${speakerOf(replied, person(replied.by))}: ${isDeleted(replied) ? chatTexts.deleted : replied.text}`
            }
            request={requestOf(entry)}
            onReply={entry.kind === "system" ? null : onReply}
            onEdit={props.onEdit}
            names={mentions?.names}
            namesMe={mentions !== undefined && !author.isMe && namesPerson(entry.text, mentions.me)}
            extras={props.extras}
            blockAction={blockAction}
          />
        </Fragment>
      );
    });
  },
  (a, b) =>
    a.person === b.person &&
    a.requestOf === b.requestOf &&
    a.unreadMark === b.unreadMark &&
    a.onReply === b.onReply &&
    a.onEdit === b.onEdit &&
    a.extras === b.extras &&
    a.mentions === b.mentions &&
    a.blockAction === b.blockAction &&
    a.before === b.before &&
    a.entries.length === b.entries.length &&
    a.entries.every((entry, at) => entry === b.entries[at]),
);
