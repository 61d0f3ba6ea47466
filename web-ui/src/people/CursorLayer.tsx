import "./cursors.css";
import { type RefObject, useEffect, useRef, useState } from "react";
import { prefersReducedMotion } from "../page/useMedia";
import { OptionalPart } from "../parts/OptionalPart";
import { colorVar, guarded, usePart, usePeople, useRoom, useSource } from "../room";
import { type Anchor, anchorIn, approach, cursorOf, type Point, pointIn } from "./cursorPath";

const SEND_EVERY_MS = 34;
const IDLE_MS = 8_000;
const selectAll = <T,>(value: T): T => value;

interface RemoteCursor {
  target: Anchor;
  shownAt: Point | null;
  seenAt: number;
}

/**
 * Shows other people's cursors over the desk, and sends this person's cursor as ephemeral messages. At most 30 are sent
 * a second, and none while no other person is present. The layer takes no clicks. It is hidden from screen readers,
 * since the list of people also says where people are.
 */
export function CursorLayer({ desk }: { readonly desk: RefObject<HTMLElement | null> }) {
  useSendCursor(desk, usePart("cursors"));
  return (
    <OptionalPart part="cursors">
      <Cursors desk={desk} />
    </OptionalPart>
  );
}

function windowElement(desk: HTMLElement, id: string): HTMLElement | null {
  return desk.querySelector<HTMLElement>(`[data-window="${CSS.escape(id)}"]`);
}

function useSendCursor(desk: RefObject<HTMLElement | null>, on: boolean): void {
  const room = useRoom();
  useEffect(() => {
    const element = desk.current;
    if (element === null || !on) return;
    let sentAt = 0;
    let sent = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: { readonly point: Point; readonly target: Element } | null = null;
    const alone = (): boolean => room.presence.peers.get().size === 0;

    const flush = guarded("cursors", (): void => {
      timer = undefined;
      if (last === null || alone()) return;
      const frame = last.target.closest<HTMLElement>("[data-window]");
      const box = (frame ?? element).getBoundingClientRect();
      const anchor = anchorIn(last.point, box, frame?.dataset.window ?? null);
      sentAt = performance.now();
      sent = true;
      room.broadcast({ type: "parlor-cursor", ...anchor });
    });
    const move = guarded("cursors", (event: PointerEvent): void => {
      if (event.pointerType === "touch" || event.buttons !== 0) return;
      last = { point: { x: event.clientX, y: event.clientY }, target: event.target as Element };
      timer ??= setTimeout(flush, Math.max(0, SEND_EVERY_MS - (performance.now() - sentAt)));
    });
    const sendGone = (): void => {
      clearTimeout(timer);
      timer = undefined;
      last = null;
      if (sent && !alone()) room.broadcast({ type: "parlor-cursor", gone: true });
      sent = false;
    };
    element.addEventListener("pointermove", move, { passive: true });
    element.addEventListener("pointerleave", sendGone);
    window.addEventListener("blur", sendGone);
    return () => {
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerleave", sendGone);
      window.removeEventListener("blur", sendGone);
      sendGone();
    };
  }, [room, desk, on]);
}

function Cursors({ desk }: { readonly desk: RefObject<HTMLElement | null> }) {
  const room = useRoom();
  const people = usePeople();
  const peers = useSource(room.presence.peers, selectAll);
  const [ids, setIds] = useState<readonly string[]>([]);
  const cursors = useRef(new Map<string, RemoteCursor>());
  const nodes = useRef(new Map<string, HTMLElement>());
  const wake = useRef<() => void>(() => {});

  useEffect(() => {
    let frame = 0;
    let lastFrameAt = 0;
    const step = guarded("cursors", (now: number): void => {
      frame = 0;
      const element = desk.current;
      if (element === null) return;
      const origin = element.getBoundingClientRect();
      const reducedMotion = prefersReducedMotion();
      let moving = false;
      for (const [id, cursor] of cursors.current) {
        const node = nodes.current.get(id);
        if (node === undefined) continue;
        const container =
          cursor.target.window === null ? element : windowElement(element, cursor.target.window);
        node.hidden = container === null;
        if (container === null) continue;
        const goal = pointIn(cursor.target, container.getBoundingClientRect());
        cursor.shownAt =
          reducedMotion || cursor.shownAt === null
            ? goal
            : approach(cursor.shownAt, goal, now - lastFrameAt || 16);
        if (cursor.shownAt !== goal) moving = true;
        node.style.transform = `translate(${cursor.shownAt.x - origin.left}px, ${cursor.shownAt.y - origin.top}px)`;
        node.classList.toggle("is-idle", Date.now() - cursor.seenAt > IDLE_MS);
      }
      lastFrameAt = now;
      if (moving) frame = requestAnimationFrame(step);
    });
    wake.current = () => {
      if (frame !== 0) return;
      lastFrameAt = performance.now();
      frame = requestAnimationFrame(step);
    };
    const receive = guarded("cursors", (peer: string, message: unknown): void => {
      const cursor = cursorOf(message);
      if (cursor === null) return;
      const existing = cursors.current.get(peer);
      if (cursor === "gone") cursors.current.delete(peer);
      else if (existing === undefined)
        cursors.current.set(peer, { target: cursor, shownAt: null, seenAt: Date.now() });
      else {
        existing.target = cursor;
        existing.seenAt = Date.now();
      }
      if ((existing === undefined) !== (cursor === "gone")) setIds([...cursors.current.keys()]);
      wake.current();
    });
    const stop = room.onBroadcast(receive);
    // Cursors fade when they become idle, and they follow windows that move. A slow timer is enough for both.
    const idleTimer = setInterval(() => {
      if (cursors.current.size > 0) wake.current();
    }, 1_000);
    return () => {
      stop();
      clearInterval(idleTimer);
      cancelAnimationFrame(frame);
    };
  }, [room, desk]);

  // Removes the cursors of people who have left.
  useEffect(() => {
    const left = [...cursors.current.keys()].filter((id) => !peers.has(id));
    for (const id of left) cursors.current.delete(id);
    if (left.length > 0) setIds([...cursors.current.keys()]);
  }, [peers]);

  return (
    <div className="cursors" aria-hidden="true">
      {ids.map((id) => {
        const state = peers.get(id);
        const person = people.find((candidate) => candidate.id === state?.identity);
        if (state === undefined || person === undefined) return null;
        return (
          <span
            key={id}
            className="cursor"
            data-peer={id}
            style={{ "--c": colorVar(person.color) }}
            ref={(node) => {
              if (node === null) nodes.current.delete(id);
              else {
                nodes.current.set(id, node);
                wake.current();
              }
            }}
          >
            <svg viewBox="0 0 18 18" aria-hidden="true">
              <path d="M2 2l5 13 2-5.500L14.500 8z" />
            </svg>
            <b>{person.name}</b>
          </span>
        );
      })}
    </div>
  );
}
