import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem, type StoredImage } from "../../room/api";
import { Cell } from "../../room/store";
import { describedBy, fitted, imagesIn, prepared } from "./prepare";
import { Uploads } from "./uploads";

const IMAGE: StoredImage = { id: "zOne", type: "image/gif", width: 1, height: 1, bytes: 3 };
const gif = (name = "kite.gif") => new File(["GIF"], name, { type: "image/gif" });

beforeEach(() => {
  vi.stubGlobal("URL", { createObjectURL: () => "blob:one", revokeObjectURL: () => {} });
});
afterEach(() => vi.unstubAllGlobals());

/** A room whose answers to uploads the test gives one after the other. */
function roomWith(...answers: (() => Promise<StoredImage>)[]) {
  const connection = new Cell({ state: "open" } as never);
  const uploadImage = vi.fn(() => (answers.shift() ?? (() => Promise.resolve(IMAGE)))());
  return { room: { api: { uploadImage }, socket: { connection } }, connection, uploadImage };
}

async function stateOf(uploads: Uploads): Promise<string> {
  await vi.waitFor(() => expect(uploads.all.get()[0]?.state.kind).not.toBe("sending"));
  return uploads.all.get()[0]?.state.kind ?? "";
}

test("[IM4] an image that cannot reach the server waits, and is sent when the connection is open again", async () => {
  const { room, connection, uploadImage } = roomWith(away);
  const uploads = new Uploads(room as never);
  uploads.add([gif()]);
  expect(await stateOf(uploads)).toBe("waiting");
  connection.set({ state: "closed" } as never);
  expect(uploadImage).toHaveBeenCalledTimes(1);
  connection.set({ state: "open" } as never);
  expect(await stateOf(uploads)).toBe("stored");
  expect(uploadImage).toHaveBeenCalledTimes(2);
});

/** Images that a browser keeps, in memory. */
function keptInMemory(works = true) {
  const rows = new Map<string, { file: File; alt: string }>();
  return {
    rows,
    put: async (key: string, file: File) => {
      if (!works) throw new Error("the disk is full");
      rows.set(key, { file, alt: "" });
    },
    describe: (key: string, alt: string) => {
      const row = rows.get(key);
      if (row !== undefined) rows.set(key, { ...row, alt });
    },
    remove: async (key: string) => void rows.delete(key),
    all: async () => [...rows].map(([key, row]) => ({ key, ...row })),
  };
}

const away = () => Promise.reject(new ApiProblem(0, "Unreachable", "The server cannot be reached."));

test("[IM4] an image that waits is there after a reload with its description, is sent, and is forgotten when it is used", async () => {
  const kept = keptInMemory();
  const before = new Uploads(roomWith(away, away).room as never, kept);
  const [first = ""] = before.add([gif("one.gif"), gif("two.gif")]);
  expect(await stateOf(before)).toBe("waiting");
  before.describe(first, "the first one");

  const { room, uploadImage } = roomWith();
  const after = new Uploads(room as never, kept);
  await vi.waitFor(() =>
    expect(after.all.get().map(({ state }) => state.kind)).toEqual(["stored", "stored"]),
  );
  expect(after.all.get().map(({ alt }) => alt)).toEqual(["the first one", "two"]);
  expect(uploadImage).toHaveBeenCalledTimes(2);
  for (const { key } of after.all.get()) after.remove(key);
  expect(kept.rows.size).toBe(0);
});

test("[IM4] the browser asks before the page is left while it cannot keep an image", async () => {
  const listeners = new Set<unknown>();
  vi.stubGlobal("window", {
    addEventListener: (_: string, listener: unknown) => listeners.add(listener),
    removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
  });
  const uploads = new Uploads(roomWith(away).room as never, keptInMemory(false));
  const [key = ""] = uploads.add([gif()]);
  await vi.waitFor(() => expect(listeners.size).toBe(1));
  uploads.remove(key);
  expect(listeners.size).toBe(0);
});

test("a refused image stays with the server's sentence, and can be tried again", async () => {
  const refuse = () =>
    Promise.reject(new ApiProblem(429, "Too many", "at most 20 images a minute; try again in 3 s"));
  const { room } = roomWith(refuse);
  const uploads = new Uploads(room as never);
  const [key = ""] = uploads.add([gif()]);
  expect(await stateOf(uploads)).toBe("failed");
  expect(uploads.all.get()[0]?.state).toEqual({
    kind: "failed",
    problem: "At most 20 images a minute; try again in 3 s.",
  });
  uploads.retry(key);
  expect(await stateOf(uploads)).toBe("stored");
  uploads.describe(key, "a kite");
  expect(uploads.all.get()[0]?.alt).toBe("a kite");
  uploads.remove(key);
  expect(uploads.all.get()).toEqual([]);
});

test("only images are taken from a paste, and other types are refused with a sentence", async () => {
  const files = [gif(), new File(["x"], "notes.txt", { type: "text/plain" })];
  expect(imagesIn({ files } as unknown as DataTransfer)).toEqual([files[0]]);
  expect(imagesIn(null)).toEqual([]);
  const svg = new File(["<svg/>"], "a.svg", { type: "image/svg+xml" });
  await expect(prepared(svg)).rejects.toThrow("not a PNG, JPEG, GIF or WebP");
  const large = new File([new Uint8Array(4 * 1024 * 1024 + 1)], "a.gif", { type: "image/gif" });
  await expect(prepared(large)).rejects.toThrow("more than 4 MiB");
});

test("[IM4] a large picture is made smaller in its shape, and names of cameras describe nothing", () => {
  expect(fitted(4800, 2400)).toEqual({ width: 2400, height: 1200 });
  expect(fitted(30, 20)).toEqual({ width: 30, height: 20 });
  expect(describedBy(gif("Red_kite-over hill.gif"))).toBe("Red kite over hill");
  for (const name of ["IMG_2041.jpg", "image.png", "Screenshot 2026-11-30.png", "1234.gif"])
    expect(describedBy(gif(name))).toBe("");
});
