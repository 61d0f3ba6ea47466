import { type Authorship, addWindow, type Command, setNoteText, setWindowState } from "../../room/commands";
import { mapOf } from "../../room/commands/command";
import { scalar } from "../../room/schema/scalars";
import type { Remix } from "../remix";

/** Where the app's window opens: over the middle of the desk. */
const PLACE = { x: 364, y: 44, width: 620, height: 520 } as const;
const NOTE_SIZE = { width: 420, height: 320 } as const;

/**
 * Puts an app into a room: its first file as a note, and a window of type `app` that shows the note. Every other file
 * becomes a note in a minimised window.
 */
export function addRemix(remix: Remix, author: Authorship, newId: () => string): readonly Command[] {
  const { app, entry, others } = remix;
  const note = newId();
  const window = newId();
  const ref = `note:${note}`;
  return [
    setNoteText(note, entry.text),
    addWindow({ id: window, type: "app", title: app.appSlug, ref, ...PLACE, ...author }),
    (doc) => {
      const shown = mapOf(doc, "windows")[window];
      if (shown === undefined) return;
      // The list and the map are made with the window: two people who made them later would hide each other's values.
      shown.props.state = {};
      shown.props.versions = [
        { ref: scalar(ref), by: scalar(author.by), at: author.at, fix: false, from: null },
      ];
      shown.props.file = scalar(entry.name);
      shown.props.remixOf = scalar(`${app.userSlug}/${app.appSlug}`);
    },
    ...others.flatMap(({ name, text }, index): Command[] => {
      const id = newId();
      const ownNote = newId();
      const place = { x: PLACE.x + 24 * index, y: PLACE.y + 24 * index, ...NOTE_SIZE };
      return [
        setNoteText(ownNote, text),
        addWindow({ id, type: "note", title: name, ref: ownNote, ...place, ...author }),
        setWindowState(id, "minimized"),
      ];
    }),
  ];
}
