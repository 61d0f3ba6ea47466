import { roomTexts } from "../../texts";
import { type FileNote, VERSIONS_MAX } from "../schema/apps";
import type { RoomDoc } from "../schema/document";
import { scalar, str } from "../schema/scalars";
import { type Authorship, type Command, mapOf, setField, undoStep } from "./command";
import { addWindow, type NewWindow } from "./windows";

type Props = Record<string, unknown>;

/**
 * Opens a window with an app for everybody. The list of versions and the map of state are made with the window: two
 * people who made them later at the same time would hide the values of one of them.
 */
export function openApp(
  window: Omit<NewWindow, "type" | "ref"> & { readonly ref: string; readonly files?: readonly FileNote[] },
): Command {
  return (doc) => {
    const { by, at, files = [], ...rest } = window;
    const step = addWindow({ ...rest, by, at, type: "app" })(doc);
    propsOf(doc, window.id).state = {};
    propsOf(doc, window.id).versions = [versionOf({ ref: window.ref, files, by, at })];
    return step;
  };
}

export interface NewAppVersion extends Authorship {
  readonly ref: string;
  readonly fix?: boolean;
  /** The version that this one was made from. */
  readonly from?: string | null;
  /** The notes with the other files of the version. */
  readonly files?: readonly FileNote[];
}

const versionOf = ({ ref, by, at, fix = false, from, files = [] }: NewAppVersion) => ({
  ref: scalar(ref),
  by: scalar(by),
  at,
  fix,
  from: from ? scalar(from) : null,
  ...(files.length > 0 && {
    files: files.map(({ name, note }) => ({ name: scalar(name), note: scalar(note) })),
  }),
});

/** Adds a version to an app window and shows it. */
export function addAppVersion(id: string, version: NewAppVersion): Command {
  return (doc) => {
    if (doc.windows?.[id] === undefined) return undefined;
    const props = propsOf(doc, id);
    if (!Array.isArray(props.versions)) props.versions = [];
    const versions = props.versions as unknown[];
    versions.push(versionOf(version));
    if (versions.length > VERSIONS_MAX) versions.splice(0, versions.length - VERSIONS_MAX);
    return undoStep(roomTexts.addVersion, [setField(doc, ["windows", id, "ref"], version.ref)]);
  };
}

/** A file of an app with the id of the note that it becomes. */
export interface NewFileNote extends FileNote {
  readonly code: string;
}

/**
 * Copies the code of an app into new notes and shows them as its newest version, so that people can edit it.
 *
 * @param start the file with which the app starts
 */
export function editAppCode(
  id: string,
  start: Pick<NewFileNote, "note" | "code">,
  others: readonly NewFileNote[],
  author: Authorship,
): Command {
  return (doc) => {
    const notes = mapOf(doc, "notes");
    for (const { note, code } of [start, ...others])
      if (notes[note] === undefined) notes[note] = { text: code };
    const from = str(doc.windows?.[id]?.ref);
    const files = others.map(({ name, note }) => ({ name, note }));
    return addAppVersion(id, { ref: `note:${start.note}`, from, files, ...author })(doc);
  };
}

/** Shows a version of an app to everybody. */
export function showAppVersion(id: string, ref: string): Command {
  return (doc) => undoStep(roomTexts.showVersion, [setField(doc, ["windows", id, "ref"], ref)]);
}

/**
 * Sets one key of an app's shared state, without an undo step: the app decides about its state. A `json` of null removes
 * the key.
 */
export function setAppState(id: string, key: string, json: string | null): Command {
  return (doc) => {
    if (doc.windows?.[id] === undefined) return;
    const props = propsOf(doc, id);
    if (typeof props.state !== "object" || props.state === null) props.state = {};
    const state = props.state as Record<string, unknown>;
    if (json === null) delete state[key];
    else state[key] = scalar(json);
  };
}

/** Removes all shared state of an app. */
export function resetAppState(id: string): Command {
  return (doc) => {
    if (doc.windows?.[id] === undefined) return;
    const state = propsOf(doc, id).state;
    if (typeof state !== "object" || state === null) return;
    for (const key of Object.keys(state)) delete (state as Record<string, unknown>)[key];
  };
}

function propsOf(doc: RoomDoc, id: string): Props {
  const raw = mapOf(doc, "windows")[id];
  if (raw === undefined) return {};
  if (typeof raw.props !== "object" || raw.props === null) raw.props = {};
  return raw.props;
}
