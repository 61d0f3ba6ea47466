import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { aRoom, run } from "../testing/rooms";
import { addWindow, playCard, setNoteText } from "./commands";
import { uuid7 } from "./ids";
import { LiveText } from "./live";
import { avatarText, guestNameFor } from "./names";
import { assignColors, mergePeople } from "./people";
import type { RoomDoc } from "./schema/document";
import { keyBetween } from "./schema/order";
import {
  readCards,
  readChat,
  readGeneration,
  readParticipants,
  readResults,
  readSettings,
  readTitle,
  readWindows,
} from "./schema/read";
import { backoff, noRetryReason } from "./socket";
import { shallowEqual } from "./store";
import { describeSync, type SyncFacts, syncState } from "./syncState";

describe("reading a document", () => {
  it("shows a chat entry of an unknown kind as a person's, and never as the model's", () => {
    const chat = ["program", "model", "robot"].map((kind) => ({
      id: kind,
      by: "id_a",
      at: 1,
      kind,
      text: "hi",
      replyTo: null,
    }));
    expect(readChat({ chat }).map((entry) => entry.kind)).toEqual(["program", "model", "say"]);
  });
  it("gives defaults for an empty or malformed document", () => {
    for (const doc of [
      {},
      { title: 4, cards: [1], windows: { w: { pos: "x", size: "1x" } }, chat: {}, generation: 3 },
    ]) {
      const raw = doc as unknown as RoomDoc;
      expect(readTitle(raw)).toBe("");
      expect(readCards(raw)).toEqual([]);
      expect(readChat(raw)).toEqual([]);
      expect(readGeneration(raw)).toEqual({
        epoch: 0,
        lock: null,
        grant: null,
        grants: [],
        queue: [],
        paused: null,
        stop: null,
      });
      expect(readResults(raw)).toEqual([]);
      expect(readSettings(raw).maxPlayers).toBe(10);
      for (const window of readWindows(raw))
        expect(window).toMatchObject({ x: 40, y: 40, width: 320, height: 240 });
    }
  });

  it("reads the queue, every run in the order of the grants, and a pause; a damaged entry hides no other", () => {
    const raw = {
      generation: {
        epoch: 9,
        grant: { request: "b", epoch: 8, at: 1, leaseUntil: 2 },
        grants: {
          a: { request: "a", epoch: 9, at: 3, leaseUntil: 4 },
          b: { request: "b", epoch: 8, at: 1, leaseUntil: 2 },
        },
        queue: [
          { request: "c", by: "ben", at: 5, query: "Shorter", cards: ["c1"], after: "a", state: "waiting" },
          "damaged",
          {
            request: "d",
            by: "cleo",
            at: 6,
            query: "A title",
            state: "old",
            attach: [
              { kind: "note", id: "n", title: "Keep" },
              { kind: "text", text: "two words", from: "result:a" },
            ],
          },
        ],
        paused: { by: "ben", at: 7, until: 60_007 },
      },
      settings: { slots: 7 },
    } as unknown as RoomDoc;
    const { grants, queue, paused } = readGeneration(raw);
    expect(grants?.map((grant) => grant.request)).toEqual(["b", "a"]);
    expect(queue?.map((each) => [each.request, each.state, each.after])).toEqual([
      ["c", "waiting", "a"],
      ["d", "old", ""],
    ]);
    expect(queue?.[1]?.attach).toEqual([
      { kind: "note", id: "n", title: "Keep", text: "" },
      { kind: "text", text: "two words", from: "result:a" },
    ]);
    expect(paused).toEqual({ by: "ben", at: 7, until: 60_007 });
    expect(readSettings(raw).slots).toBe(3);
    const older = { generation: { epoch: 1, grant: { request: "x", epoch: 1, at: 1, leaseUntil: 2 } } };
    expect(readGeneration(older as unknown as RoomDoc).grants?.map((grant) => grant.request)).toEqual(["x"]);
  });

  it("gives the same list objects after an edit of a note", () => {
    const window = {
      id: "w",
      type: "note",
      title: "n",
      x: 0,
      y: 0,
      width: 9,
      height: 9,
      ref: "n",
      by: "a",
      at: 1,
    } as const;
    const before = run(
      aRoom(),
      playCard({ id: "a", type: "role", text: "x", by: "a", at: 1 }),
      addWindow(window),
    );
    const cards = readCards(before);
    const windows = readWindows(before);
    const after = run(before, setNoteText("n", "typing"));
    expect(readCards(after)).toBe(cards);
    expect(readWindows(after)).toBe(windows);
  });

  it("gives the same value for a scalar and for a collaborative text", () => {
    const doc = A.from({ title: new A.ImmutableString("scalar"), participants: { p: { name: "text" } } });
    expect(readTitle(doc as unknown as RoomDoc)).toBe("scalar");
    expect(readParticipants(doc as unknown as RoomDoc)[0]?.name).toBe("text");
  });
});

describe("shallow equality", () => {
  it.each<[unknown, unknown, boolean]>([
    [[1, 2], [1, 2], true],
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { b: 1 }, false],
    [[1], [1, 2], false],
    [[], {}, false],
    [new Map(), new Map(), false],
    [null, {}, false],
  ])("of %o and %o is %s", (a, b, equal) => {
    expect(shallowEqual(a, b)).toBe(equal);
  });
});

describe("ids and order", () => {
  it("a uuid7 contains its time, version and variant", () => {
    const id = uuid7(0x0123456789ab, new Uint8Array(10).fill(255));
    expect(id).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
  });

  it("an order key sorts between its neighbours, or after the lower one if no key fits between them", () => {
    const a = keyBetween(null, null);
    const c = keyBetween(a, null);
    const b = keyBetween(a, c);
    expect(a < b && b < c).toBe(true);
    expect(keyBetween(c, c) > c).toBe(true);
    expect(keyBetween("not a key!", null) > "not a key!").toBe(true);
  });
});

describe("people", () => {
  const person = (id: string, joinedAt: number, color: string | null = "p3") =>
    ({ id, joinedAt, color, name: id, avatar: null, role: "player" }) as const;

  it("twelve people get twelve different colours", () => {
    const twelve = Array.from({ length: 12 }, (_, i) => person(`id_${i}`, i));
    expect(new Set(assignColors(twelve).values()).size).toBe(12);
    expect(assignColors([...twelve, person("late", 99)]).get("late")).toBe(3);
  });

  it("participants and presence are merged, with one entry for all tabs of a person", () => {
    const presence = { name: "A", where: "chat", typing: null };
    const people = mergePeople(
      [person("a", 1), person("b", 2)],
      [
        { ...presence, identity: "a", status: "away" },
        { ...presence, identity: "a", status: "online" },
        { ...presence, identity: "x", name: "Stranger", status: "idle" },
      ],
      "a",
    );
    expect(people.map((p) => [p.id, p.status, p.isMe, p.guest])).toEqual([
      ["a", "online", true, false],
      ["b", "offline", false, false],
      ["x", "idle", false, true],
    ]);
  });

  it.each([
    ["Amber Otter", null, "AO"],
    ["Amber Otter", "🦦", "AO"],
    ["Amber Otter", "7B", "7B"],
    ["ada", null, "A"],
    ["  ", null, "?"],
  ])("the avatar of %s with the chosen text %s is %s", (name, avatar, shown) => {
    expect(avatarText(name, avatar)).toBe(shown);
  });

  it("a guest name depends on the identity only", () => {
    expect(guestNameFor("id_1")).toEqual(guestNameFor("id_1"));
    expect(guestNameFor("id_1")).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
  });
});

describe("a streaming answer", () => {
  const delta = (index: number, text: string) => ({ request: "r", epoch: 1, index, text });

  it("is correct if pieces arrive late, twice, or not at all", () => {
    const live = new LiveText();
    live.addDelta(delta(0, "Hello"));
    live.addDelta(delta(9, "d!"));
    live.addDelta(delta(0, "Hello"));
    expect(live.text).toBe("Hello");
    live.addDelta(delta(5, " wor"));
    expect(live.text).toBe("Hello word!");
    live.mergeDocumentText("Hello wor");
    expect(live.text).toBe("Hello word!");
    live.mergeDocumentText("Hello world!");
    expect(live.text).toBe("Hello world!");
    live.mergeDocumentText("Another text");
    expect(live.text).toBe("Another text");
  });
});

describe("the label of the state pill [U4]", () => {
  const facts: SyncFacts = {
    now: 100_000,
    online: true,
    connection: { state: "open", since: 0 },
    pending: 0,
    waitingSince: 100_000,
    brokenSince: null,
    recoveredAt: null,
    localSaveFailed: false,
  };
  const closed = { state: "waiting", since: 0, attempt: 1 } as const;
  const label = (part: Partial<SyncFacts>): string => describeSync(syncState({ ...facts, ...part })).label;

  it.each<[Partial<SyncFacts>, string]>([
    [{}, "Saved"],
    [{ pending: 1 }, "Syncing…"],
    [{ pending: 1, waitingSince: 90_000 }, "Not saved on the server"],
    [{ connection: closed, brokenSince: 99_000 }, "Syncing…"],
    [{ connection: closed, brokenSince: 98_000 }, "Reconnecting…"],
    [{ connection: closed, brokenSince: 98_000, pending: 3, online: false }, "Offline, 3 changes kept here"],
    [{ connection: closed, brokenSince: 90_000, pending: 1 }, "Offline, 1 change kept here"],
    [{ connection: closed, brokenSince: 90_000 }, "Offline"],
    [{ recoveredAt: 99_000 }, "Back online, all changes saved"],
    [{ localSaveFailed: true, pending: 2, connection: closed }, "Not saved"],
    [{ connection: { state: "refused", since: 0, reason: "This link can only view." } }, "Not connected"],
  ])("for %j is %s", (part, expected) => {
    expect(label(part)).toBe(expected);
  });

  it("is Not saved on the server while the storage is away, and the detail says why and what happens next", () => {
    const state = syncState({ ...facts, pending: 2, waitingSince: 90_000, storageAway: true });
    expect(describeSync(state)).toEqual({
      label: "Not saved on the server",
      short: "Not saved",
      detail:
        "The server cannot write to its storage, so 2 changes are not saved. Your changes are kept in this browser. The server saves them when its storage is back. Until then you may not see what other people write.",
    });
  });

  it("is Not connected while the storage is away and no connection opens, and the detail says why", () => {
    const state = syncState({
      ...facts,
      connection: closed,
      brokenSince: 90_000,
      pending: 1,
      storageAway: true,
    });
    expect(describeSync(state)).toEqual({
      label: "Not connected, 1 change kept here",
      short: "Not connected, 1 kept",
      detail:
        "The server cannot write to its storage, so this room is not connected. You can continue to work. All changes are kept in this browser and sent when the server is back.",
    });
  });

  it("is Saved with another detail if the storage servers may have changes in memory only", () => {
    const texts = describeSync(syncState({ ...facts, quorum: true }));
    expect(texts.label).toBe("Saved");
    expect(texts.detail).toBe(
      "All changes are on most of the storage servers, which may write them to disk a little later.",
    );
  });

  it("is Syncing on an open connection until the server has sent its heads [CN1]", () => {
    expect(label({ synced: false })).toBe("Syncing…");
    expect(label({ synced: true })).toBe("Saved");
  });

  it("is Not connected if the server answers requests but the WebSocket does not open [CN3]", () => {
    const connection = { ...closed, blocked: true };
    expect(label({ connection, brokenSince: 90_000 })).toBe("Not connected");
    expect(label({ connection: closed, brokenSince: 90_000 })).toBe("Offline");
  });

  it("is never Saved while a change is not acknowledged", () => {
    for (const connection of [facts.connection, closed]) {
      for (const online of [true, false]) {
        expect(syncState({ ...facts, connection, online, pending: 1 }).kind).not.toMatch(
          /saved$|back-online/,
        );
      }
    }
  });
});

describe("a closed connection", () => {
  it("has a reason not to be opened again only for a final close code", () => {
    for (const code of [1000, 1001, 1006, 1011, 1012, 1013, 4001, 4399, 4500])
      expect(noRetryReason(code, "")).toBeNull();
    expect(noRetryReason(4403, "AD5: spectators only read")).toBe(
      "This link may not make these changes (AD5: spectators only read).",
    );
    for (const code of [4400, 4401, 4404, 4405, 4409, 4422, 4499])
      expect(noRetryReason(code, "")).toMatch(/^[A-Z].*\.$/);
  });

  it("is opened again after a pause with jitter and a maximum", () => {
    expect(backoff(1, 0)).toBe(250);
    expect(backoff(1, 1)).toBe(500);
    expect(backoff(50, 1)).toBe(15_000);
  });
});
