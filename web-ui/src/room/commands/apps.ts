import { VERSIONS_MAX } from "../schema/apps";
import type { RoomDoc } from "../schema/document";
import { scalar, str } from "../schema/scalars";
import { type Authorship, type Command, mapOf, setField, undoStep } from "./command";
import { addWindow, type NewWindow } from "./windows";

type Props = Record<string, unknown>;

/**
 * Opens a window with an app for everybody. The list of versions and the map of state are made with the window: two
 * people who made them later at the same time would hide the values of one of them.
 */
export function openApp(window: Omit<NewWindow, "type" | "ref"> & { readonly ref: string }): Command {
  return (doc) => {
    const step = addWindow({ ...window, type: "app" })(doc);
    const { by, at } = window;
    propsOf(doc, window.id).state = {};
    propsOf(doc, window.id).versions = [versionOf({ ref: window.ref, by, at })];
    return step;
  };
}

export interface NewAppVersion extends Authorship {
  readonly ref: string;
  readonly fix?: boolean;
  /** The version that this one was made from. */
  readonly from?: string | null;
}

const versionOf = ({ ref, by, at, fix = false, from }: NewAppVersion) => ({
  ref: scalar(ref),
  by: scalar(by),
  at,
  fix,
  from: from ? scalar(from) : null,
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
    return undoStep("Add version", [setField(doc, ["windows", id, "ref"], version.ref)]);
  };
}

/** Copies code into a new note and shows the note as the newest version of an app, so that people can edit it. */
export function editAppCode(id: string, note: string, code: string, author: Authorship): Command {
  return (doc) => {
    const notes = mapOf(doc, "notes");
    if (notes[note] === undefined) notes[note] = { text: code };
    const from = str(doc.windows?.[id]?.ref);
    return addAppVersion(id, { ref: `note:${note}`, from, ...author })(doc);
  };
}

/** Shows a version of an app to everybody. */
export function showAppVersion(id: string, ref: string): Command {
  return (doc) => undoStep("Show version", [setField(doc, ["windows", id, "ref"], ref)]);
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
