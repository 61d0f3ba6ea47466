import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { useMedia } from "../../page/useMedia";
import { useRoom } from "../../room";
import { colorVar } from "../../room/people";
import { readWindows } from "../../room/schema/read";
import { searchTexts } from "../../texts";
import { showComments } from "../comments/view";
import { jumpTo } from "../shared/jump";
import { usePersonOf } from "../shared/people";
import { timeOrDate } from "../shared/time";
import { FoldedTexts, type Found, GROUPS, type Hit, runInSlices, search } from "./find";
import { itemsOf } from "./items";
import { hideSearch, useSearchOpened } from "./view";
import "./search.css";

/** The search in the room. The command `search` opens it. */
export function SearchPanel() {
  const opened = useSearchOpened();
  return opened === 0 ? null : <Panel opened={opened} />;
}

const texts = new FoldedTexts();
const PAGE = {
  now: () => performance.now(),
  later: (task: () => void) => {
    setTimeout(task, 0);
  },
};

/** The hits for a query, or null until the first search has ended. The room is read when the query changes. */
function useFound(query: string): Found | null {
  const room = useRoom();
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    if (query.trim() === "") {
      setFound(null);
      return;
    }
    const doc = room.handle.doc();
    return runInSlices(search(itemsOf(doc, readWindows(doc)), query, texts), PAGE, setFound);
  }, [room, query]);
  return found;
}

function Panel({ opened }: { readonly opened: number }) {
  const room = useRoom();
  const [query, setQuery] = useState("");
  const found = useFound(query);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef(document.activeElement);
  const isNarrow = useMedia("(max-width: 699px), (max-height: 519px)");
  const hits = useMemo(
    () => (found === null ? [] : [...found.values()].flatMap((group) => group.hits)),
    [found],
  );
  const [current, setCurrent] = useState(0);
  const at = Math.min(current, Math.max(0, hits.length - 1));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each call of the search moves the focus into the field
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [opened]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new hits begin at the first
  useEffect(() => setCurrent(0), [found]);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const close = () => {
    hideSearch(room);
    if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
  };
  const open = (hit: Hit) => {
    const { item, words, from } = hit;
    if (item.group === "comments") showComments(room, { target: item.target, thread: item.detail ?? null });
    jumpTo(room, {
      target: item.target,
      words: item.group === "comments" ? "" : item.text.slice(from, from + words.length),
      start: String(from),
      inQuestion: item.group === "questions",
      ...(item.group === "notes" && { range: { from, to: from + words.length } }),
    });
    if (isNarrow) hideSearch(room);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const hit = hits[at];
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setCurrent((at + step + hits.length) % hits.length);
    } else if (event.key === "Enter" && hit !== undefined) {
      event.preventDefault();
      open(hit);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  const total = found === null ? 0 : [...found.values()].reduce((sum, group) => sum + group.count, 0);
  return (
    <search className="search-panel" aria-label={searchTexts.title} data-region tabIndex={-1}>
      <div className="search-row">
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          role="combobox"
          autoComplete="off"
          aria-label={searchTexts.title}
          aria-expanded={hits.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={hits.length > 0 ? `${id}-${at}` : undefined}
          placeholder={searchTexts.placeholder}
          dir="auto"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <span className="search-count" role="status">
          {found === null ? "" : searchTexts.count(total)}
        </span>
        <button type="button" className="p-icon" aria-label={searchTexts.close} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <div ref={list} id={`${id}-list`} className="search-list" role="listbox" aria-label={searchTexts.hits}>
        {found !== null && <Groups found={found} hits={hits} current={at} id={id} onOpen={open} />}
      </div>
    </search>
  );
}

type GroupsProps = {
  readonly found: Found;
  readonly hits: readonly Hit[];
  readonly current: number;
  readonly id: string;
  readonly onOpen: (hit: Hit) => void;
};

function Groups({ found, hits, current, id, onOpen }: GroupsProps) {
  const person = usePersonOf();
  const now = Date.now();
  return GROUPS.map((name) => {
    const group = found.get(name);
    if (group === undefined) return null;
    return (
      // biome-ignore lint/a11y/useSemanticElements: a group inside of a listbox
      <div key={name} role="group" aria-labelledby={`${id}-${name}`}>
        <p id={`${id}-${name}`} className="search-group" role="presentation">
          {searchTexts.groups[name]}
          <span>
            {group.count > group.hits.length ? `${group.hits.length} / ${group.count}` : group.count}
          </span>
        </p>
        {group.hits.map((hit) => {
          const at = hits.indexOf(hit);
          const author = hit.item.by === "" ? null : person(hit.item.by);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
            <div
              key={at}
              id={`${id}-${at}`}
              data-at={at}
              className="search-hit"
              role="option"
              tabIndex={-1}
              aria-selected={at === current}
              onClick={() => onOpen(hit)}
            >
              <p dir="auto">
                {hit.before}
                <mark>{hit.words}</mark>
                {hit.after}
              </p>
              <p className="search-by">
                <b style={author === null ? undefined : { color: colorVar(author.color) }}>
                  {author === null ? hit.item.detail || searchTexts.note : author.name}
                </b>
                <time>{timeOrDate(hit.item.at, now)}</time>
              </p>
            </div>
          );
        })}
      </div>
    );
  });
}
