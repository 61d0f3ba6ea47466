import { useEffect } from "react";
import { type RoomSession, useRoom, useSource } from "../room";
import { placeInAnswer } from "../room/anchors";
import { readResults } from "../room/schema/read";
import { revealIn } from "./chat/reveal";
import { FlatText } from "./marks/flatText";
import { paint } from "./marks/paint";
import { editorAt } from "./notes/openEditors";
import { chosenIn } from "./output/answerSelection";
import { answersOf } from "./output/results";
import { idOfTarget, type Jump, jumpIn, kindOfTarget } from "./shared/jump";

/** Frames that the layout and the panel have to show the place. After them, the jump ends without a mark. */
const FRAMES_MAX = 90;

/** Scrolls to the place that this person wants to see, and marks it. The layout shows the window meanwhile. */
export function JumpHandler() {
  const room = useRoom();
  const jump = useSource(jumpIn(room), selectAll);
  useEffect(() => {
    if (jump === null) return;
    let clear = (): void => undefined;
    let frames = 0;
    prepare(room, jump);
    let frame = requestAnimationFrame(function look() {
      const root = rootOf(jump);
      if (root !== null) {
        clear = show(root, jump);
        // The page draws a far part of an answer only now: the place is looked for once more.
        frame = requestAnimationFrame(() => {
          frame = requestAnimationFrame(() => {
            clear();
            clear = show(root, jump);
          });
        });
      } else if (++frames < FRAMES_MAX) frame = requestAnimationFrame(look);
    });
    const onPress = (): void => clear();
    document.addEventListener("pointerdown", onPress);
    return () => {
      cancelAnimationFrame(frame);
      clear();
      document.removeEventListener("pointerdown", onPress);
    };
  }, [room, jump]);
  return null;
}

const selectAll = <T,>(value: T): T => value;

/** Makes the panels draw the place: the conversation with the answer, or the part of the chat with the message. */
function prepare(room: RoomSession, { target }: Jump): void {
  const id = idOfTarget(target);
  if (kindOfTarget(target) === "result" && id !== "") {
    const newest = answersOf(readResults(room.handle.doc())).at(-1)?.request ?? null;
    chosenIn(room).set({ request: id, newest });
  }
  if (kindOfTarget(target) === "chat" && id !== "") revealIn(room).set(id);
}

function rootOf({ target, quiet, inQuestion }: Jump): HTMLElement | null {
  const id = CSS.escape(idOfTarget(target));
  switch (kindOfTarget(target)) {
    case "chat":
      return id === ""
        ? document.querySelector<HTMLElement>(".chat-field")
        : document.querySelector<HTMLElement>(`[data-message="${id}"]`);
    case "card":
      return document.querySelector<HTMLElement>(`.stack-card[data-card="${id}"]`);
    case "note":
      return document.querySelector<HTMLElement>(`[data-quotable="note:${id}"]`);
    default:
      return document.querySelector<HTMLElement>(
        `.exchange[data-request="${id}"] ${quiet === true ? "" : inQuestion === true ? ".output-query" : ".output-text"}`.trim(),
      );
  }
}

function show(root: HTMLElement, jump: Jump): () => void {
  if (jump.quiet === true) {
    root.scrollIntoView({ block: "start" });
    return () => undefined;
  }
  if (kindOfTarget(jump.target) === "note") return showInNote(root, jump);
  const focused = root.tabIndex >= 0 ? root : root.closest<HTMLElement>("[tabindex]");
  focused?.focus({ preventScroll: true });
  if (root instanceof HTMLTextAreaElement) {
    root.setSelectionRange(root.value.length, root.value.length);
    root.scrollTop = root.scrollHeight;
    return () => undefined;
  }
  const flat = new FlatText(root);
  const place = placeInAnswer(flat.text, { quoted: jump.words, start: jump.start ?? "" });
  const range = place === null ? null : flat.range(place);
  const element = range?.startContainer.parentElement ?? root;
  element.scrollIntoView({ block: "center" });
  if (range !== null) return paint("found", [range]);
  root.setAttribute("data-found", "true");
  return () => root.removeAttribute("data-found");
}

function showInNote(root: HTMLElement, { range, words }: Jump): () => void {
  root.scrollIntoView({ block: "nearest" });
  editorAt(root.querySelector(".cm-editor"))?.show(range, words);
  return () => undefined;
}
