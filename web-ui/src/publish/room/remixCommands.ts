import { type Authorship, type Command, openApp, setNoteText } from "../../room/commands";
import { mapOf } from "../../room/commands/command";
import { scalar } from "../../room/schema/scalars";
import type { Remix } from "../remix";

/** Where the app's window opens: over the middle of the desk. */
const PLACE = { x: 364, y: 44, width: 620, height: 520 } as const;

/** Puts an app into a room: each file as a note, and a window of type `app` that shows them as one app. */
export function addRemix(remix: Remix, author: Authorship, newId: () => string): readonly Command[] {
  const { app, entry, others } = remix;
  const note = newId();
  const window = newId();
  const files = others.map(({ name, text }) => ({ name, text, note: newId() }));
  return [
    setNoteText(note, entry.text),
    ...files.map((file) => setNoteText(file.note, file.text)),
    openApp({
      id: window,
      title: app.appSlug,
      ref: `note:${note}`,
      files: files.map(({ name, note: ofFile }) => ({ name, note: ofFile })),
      ...PLACE,
      ...author,
    }),
    (doc) => {
      const shown = mapOf(doc, "windows")[window];
      if (shown === undefined) return;
      shown.props.file = scalar(entry.name);
      shown.props.remixOf = scalar(`${app.userSlug}/${app.appSlug}`);
    },
  ];
}
