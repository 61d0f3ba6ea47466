import { holdPage } from "../../page/leaving";
import type { RoomSession } from "../../room";
import { ApiProblem, type StoredImage } from "../../room/api";
import { Cell } from "../../room/store";
import { imageTexts } from "../../texts";
import { perRoom } from "../shared/perRoom";
import { type KeptImages, keptImagesAt } from "./kept";
import { describedBy, prepared } from "./prepare";

/** An image that a person has chosen, until it is used or removed. */
export type Upload = {
  readonly key: string;
  readonly name: string;
  /** Words that describe the image; the person may change them. */
  readonly alt: string;
  /** An object URL of the chosen file. */
  readonly url: string;
  readonly state:
    | { readonly kind: "sending"; readonly part: number }
    /** The server cannot be reached; the image is sent when it can. */
    | { readonly kind: "waiting" }
    | { readonly kind: "failed"; readonly problem: string }
    | { readonly kind: "stored"; readonly image: StoredImage };
};

/** What is needed from a room to upload. */
export type UploadRoom = {
  readonly api: { uploadImage: RoomSession["api"]["uploadImage"] };
  readonly socket: { readonly connection: RoomSession["socket"]["connection"] };
};

type Waiting = { readonly file: File; abort: AbortController | null };

/**
 * The images that a person adds at one place of a room, for example to the next message. The browser keeps each image
 * until it is used or removed, so that a reload does not lose it. If it cannot, it asks before the page is left.
 */
export class Uploads {
  readonly all = new Cell<readonly Upload[]>([]);
  readonly #files = new Map<string, Waiting>();
  /** The functions that allow to leave the page, by the images that the browser does not keep. */
  readonly #holds = new Map<string, () => void>();
  #next = 0;

  constructor(
    private readonly room: UploadRoom,
    private readonly kept: KeptImages | null = null,
  ) {
    room.socket.connection.subscribe(() => this.#sendWaiting());
    void this.#restore();
  }

  /** Adds files, and sends them. */
  add(files: readonly File[]): readonly string[] {
    return files.map((file) => {
      // Later images have later keys, also after a reload.
      const key = `${Date.now().toString(36).padStart(9, "0")}-${String(this.#next++).padStart(6, "0")}`;
      this.all.set([...this.all.get(), this.#upload(key, file, describedBy(file))]);
      void this.#keep(key, file);
      void this.#send(key);
      return key;
    });
  }

  #upload(key: string, file: File, alt: string): Upload {
    this.#files.set(key, { file, abort: null });
    return { key, name: file.name, alt, url: URL.createObjectURL(file), state: { kind: "waiting" } };
  }

  /** Sends the images again that the page had before a reload. */
  async #restore(): Promise<void> {
    const images = await this.kept?.all().catch(() => []);
    if (images === undefined || images.length === 0) return;
    const restored = images.map(({ key, file, alt }) => this.#upload(key, file, alt || describedBy(file)));
    this.all.set([...restored, ...this.all.get()]);
    this.#sendWaiting();
  }

  async #keep(key: string, file: File): Promise<void> {
    if (this.kept === null) return;
    try {
      await this.kept.put(key, file);
      // The image may have been used or removed meanwhile.
      if (!this.#files.has(key)) await this.kept.remove(key);
    } catch {
      if (this.#files.has(key)) this.#holds.set(key, holdPage());
    }
  }

  /** Sends an image again that was refused. */
  retry(key: string): void {
    void this.#send(key);
  }

  describe(key: string, alt: string): void {
    this.all.set(this.all.get().map((each) => (each.key === key ? { ...each, alt } : each)));
    this.kept?.describe(key, alt);
  }

  remove(key: string): void {
    this.#files.get(key)?.abort?.abort();
    this.#files.delete(key);
    this.#holds.get(key)?.();
    this.#holds.delete(key);
    this.kept?.remove(key).catch(() => undefined);
    const gone = this.all.get().find((each) => each.key === key);
    if (gone !== undefined) URL.revokeObjectURL(gone.url);
    this.all.set(this.all.get().filter((each) => each.key !== key));
  }

  #set(key: string, state: Upload["state"]): void {
    this.all.set(this.all.get().map((each) => (each.key === key ? { ...each, state } : each)));
  }

  async #send(key: string): Promise<void> {
    const waiting = this.#files.get(key);
    if (waiting === undefined) return;
    const abort = new AbortController();
    waiting.abort = abort;
    this.#set(key, { kind: "sending", part: 0 });
    try {
      const bytes = await prepared(waiting.file);
      const image = await this.room.api.uploadImage(
        bytes,
        (part) => this.#set(key, { kind: "sending", part }),
        abort.signal,
      );
      this.#set(key, { kind: "stored", image });
    } catch (problem) {
      if (abort.signal.aborted) return;
      const isAway = problem instanceof ApiProblem && problem.unreachable;
      this.#set(key, isAway ? { kind: "waiting" } : { kind: "failed", problem: sentence(problem) });
    }
  }

  #sendWaiting(): void {
    if (this.room.socket.connection.get().state !== "open") return;
    for (const { key, state } of this.all.get()) if (state.kind === "waiting") void this.#send(key);
  }
}

/** A sentence of the server begins in lower case. */
function sentence(problem: unknown): string {
  const text = problem instanceof Error && problem.message !== "" ? problem.message : imageTexts.failed;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

const places = perRoom(() => new Map<string, Uploads>());

/** The uploads at a place of the page. They stay while the room is open, also if the place is closed. */
export function uploadsAt(room: RoomSession, place: string): Uploads {
  const all = places(room);
  let uploads = all.get(place);
  if (uploads === undefined) {
    uploads = new Uploads(room, keptImagesAt(room.slug, place));
    all.set(place, uploads);
  }
  return uploads;
}
