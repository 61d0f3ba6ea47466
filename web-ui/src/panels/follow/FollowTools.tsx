import { useEffect } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type Person, usePeople, useRoom, useWindows } from "../../room";
import { followTexts } from "../../texts";
import { jumpTo } from "../shared/jump";
import { canFollow, isFollowable, leaderIn, placeOf, useLeader } from "./follow";
import "./follow.css";

/** The frame while this person follows another one, and the message to a person who is followed [U22]. */
export function FollowTools() {
  const room = useRoom();
  const people = usePeople();
  const leaderId = useLeader();
  const leader = people.find((person) => person.id === leaderId && canFollow(person)) ?? null;
  useEffect(() => room.presence.setFollowable(isFollowable()), [room]);
  useEffect(() => room.presence.setFollowing(leader?.id ?? null), [room, leader?.id]);
  const followers = people.filter((person) => !person.isMe && person.following === room.me.identity);
  return (
    <>
      {leader !== null && <Following leader={leader} />}
      {followers.length > 0 && <Followers names={followers.map(({ name }) => name)} />}
    </>
  );
}

/** Keys that scroll a page or go to another place in it. */
const MOVING_KEYS: ReadonlySet<string> = new Set([
  "Escape",
  "PageUp",
  "PageDown",
  "Home",
  "End",
  "ArrowUp",
  "ArrowDown",
  "Tab",
]);

function Following({ leader }: { readonly leader: Person }) {
  const room = useRoom();
  const target = placeOf(leader, useWindows());
  useEffect(() => {
    if (target !== null) jumpTo(room, { target, words: "", quiet: true });
  }, [room, target]);
  useEffect(() => {
    const stop = (): void => leaderIn(room).set(null);
    const onKey = (event: KeyboardEvent): void => {
      if (MOVING_KEYS.has(event.key)) stop();
    };
    window.addEventListener("wheel", stop, { passive: true });
    window.addEventListener("touchmove", stop, { passive: true });
    window.addEventListener("keydown", onKey, true);
    return () => {
      window.removeEventListener("wheel", stop);
      window.removeEventListener("touchmove", stop);
      window.removeEventListener("keydown", onKey, true);
    };
  }, [room]);
  return (
    <div className="follow-frame" style={{ "--p": colorVar(leader.color) }}>
      <p className="follow-chip" role="status">
        {followTexts.following(leader.name)}
        <button type="button" onClick={() => leaderIn(room).set(null)}>
          {followTexts.stop}
        </button>
      </p>
    </div>
  );
}

/** The pause between two messages about the answer that this person reads, in milliseconds. */
const READING_EVERY_MS = 250;

/** Tells a person who follows them, and sends the answer that they read meanwhile. */
function Followers({ names }: { readonly names: readonly string[] }) {
  const room = useRoom();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const send = (): void => {
      timer = null;
      room.presence.setReading(answerInView());
    };
    const onScroll = (): void => {
      timer ??= setTimeout(send, READING_EVERY_MS);
    };
    send();
    document.addEventListener("scroll", onScroll, { capture: true, passive: true });
    return () => {
      if (timer !== null) clearTimeout(timer);
      document.removeEventListener("scroll", onScroll, { capture: true });
      room.presence.setReading(null);
    };
  }, [room]);
  return (
    <p className="follow-told" role="status">
      <Icon name="eye" />
      {followTexts.followers(names)}
    </p>
  );
}

/** The request of the answer in the upper half of Output, or null. */
function answerInView(): string | null {
  const scroller = document.querySelector(".output-scroll");
  if (scroller === null) return null;
  const { top, height } = scroller.getBoundingClientRect();
  const shown = [...scroller.querySelectorAll<HTMLElement>(".exchange")].findLast(
    (exchange) => exchange.getBoundingClientRect().top < top + height / 2,
  );
  return shown?.dataset.request ?? null;
}
