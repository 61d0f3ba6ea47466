import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RoomDoc } from "./schema/document";
import {
  readCards,
  readChat,
  readGeneration,
  readNote,
  readParticipants,
  readResults,
  readSettings,
  readTitle,
  readWindows,
} from "./schema/read";

type Fields = Record<string, unknown>;

const { newFields, document } = JSON.parse(readFileSync("../docs/vectors/new-fields.json", "utf8")) as {
  readonly newFields: readonly string[];
  readonly document: Fields;
};

/** The document without these fields. Fails if it has no such field. */
function without(fields: readonly string[]): RoomDoc {
  const copy = structuredClone(document);
  for (const field of fields) {
    const path = field.split(".");
    const owner = path.slice(0, -1).reduce<Fields>((at, key) => at[key] as Fields, copy);
    const last = path.at(-1) ?? "";
    expect(owner, field).toHaveProperty([last]);
    delete owner[last];
  }
  return copy as unknown as RoomDoc;
}

/** Everything that a page reads, by the path of the field in the document; new fields are left out. */
function viewOf(doc: RoomDoc) {
  const { epoch, lock, grant, grants } = readGeneration(doc);
  const [result] = readResults(doc);
  const { turnMode, maxPlayers, status, stackRule, model } = readSettings(doc);
  return {
    title: readTitle(doc),
    settings: { turnMode, maxPlayers, status, stackRule, model },
    people: readParticipants(doc),
    cards: readCards(doc),
    windows: readWindows(doc).map(({ ref: _ref, props: _props, ...window }) => window),
    note: readNote(doc, "n1"),
    chat: readChat(doc),
    lock: { ...lock, after: undefined, attach: undefined, chat: undefined },
    run: { epoch, grant, grants },
    text: [result?.request, result?.by, result?.query, result?.text, result?.status, result?.epoch],
  };
}

/** Half of the fields, chosen by the bits of a linear congruential generator with this seed. */
function someOf(seed: number): readonly string[] {
  let state = seed;
  return newFields.filter(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 31 === 1;
  });
}

describe("a room that older pages and servers have written", () => {
  const whole = viewOf(without([]));

  it.each([
    ["each new field alone", newFields.map((field) => [field])] as const,
    [
      "all new fields, and 200 drawn parts of them",
      [newFields, ...Array.from({ length: 200 }, (_, seed) => someOf(seed + 1))],
    ] as const,
  ])("reads as before without %s", (_, cases) => {
    for (const fields of cases) expect(viewOf(without(fields)), fields.join()).toEqual(whole);
  });

  it("has the defaults of the new fields", () => {
    const old = without(newFields);
    expect(readGeneration(old)).toMatchObject({ queue: [], paused: null });
    expect(readSettings(old)).toMatchObject({ slots: 1, spectatorChat: false });
    expect(readResults(old)[0]).toMatchObject({
      after: null,
      ending: null,
      tokensMax: null,
      omitted: 0,
      attach: [],
      chat: null,
      usage: { call: null },
    });
  });
});
