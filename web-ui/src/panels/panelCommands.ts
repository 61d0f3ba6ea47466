import { commandsIn } from "../command/registry";
import { type RoomSession, readGeneration, readResults, requestStop } from "../room";
import { compareTexts, paletteTexts } from "../texts";
import { isComparable } from "./compare/choices";
import { compareAnswer } from "./compare/view";
import { chosenIn, threadOf } from "./output/answerSelection";
import { runningOf } from "./output/running";

/** Moves the focus to a field, which may be in another tab of a small screen or in a window that is not open. */
function focusField(room: RoomSession, type: "output" | "chat", field: string): void {
  document.querySelector<HTMLElement>(`#tab-${type}`)?.click();
  const window = room.windows.shown.get().find((each) => each.type === type);
  if (window !== undefined && document.querySelector("[role=tablist] #tab-output") === null) {
    if (window.state !== "open") room.windows.setState(window.id, "open");
    room.windows.raise(window.id);
    const maximised = room.windows.maximised.get();
    if (maximised !== null && maximised !== window.id) room.windows.maximise(null);
  }
  requestAnimationFrame(() => {
    requestAnimationFrame(() => document.querySelector<HTMLElement>(field)?.focus());
  });
}

/** The commands of the panels that do not depend on what a panel shows. */
export function addPanelCommands(room: RoomSession): void {
  const running = () => runningOf(readGeneration(room.doc.get()), readResults(room.doc.get()));
  const comparable = () => readResults(room.doc.get()).filter(isComparable).length;
  commandsIn(room).add([
    {
      id: "question_write",
      name: paletteTexts.writeQuestion,
      words: paletteTexts.questionWords,
      icon: "spark",
      keys: "Mod+/",
      inFields: true,
      run: () => focusField(room, "output", ".composer-query"),
    },
    {
      id: "chat_write",
      name: paletteTexts.writeChat,
      icon: "chat",
      run: () => focusField(room, "chat", ".chat-field"),
    },
    {
      id: "answers_compare",
      name: compareTexts.command,
      words: compareTexts.commandWords,
      icon: "columns",
      blocked: () => (comparable() < 2 ? compareTexts.needsTwo : null),
      run: () => {
        const results = readResults(room.doc.get());
        const { path } = threadOf(results, chosenIn(room).get()?.request ?? null);
        const last = path.findLast(({ answer }) => isComparable(answer));
        if (last !== undefined) compareAnswer(room, last.answer.request);
      },
    },
    {
      id: "stop",
      name: paletteTexts.stop,
      icon: "stop",
      blocked: () =>
        !room.canEdit ? paletteTexts.spectator : running() === null ? paletteTexts.nothingRuns : null,
      run: () => {
        const run = running();
        if (run !== null) room.change(requestStop(run.request, room.authorship()));
      },
    },
  ]);
}
