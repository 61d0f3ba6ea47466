import { expect } from "@playwright/test";
import type { NewRoom } from "../panels/people";

/** One event of a room's stream, with its time of arrival. */
export interface Told {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly cameAt: number;
}

/** Reads a room's server-sent events as any program would. */
export class Events {
  readonly all: Told[] = [];

  private constructor(
    response: Response,
    private readonly closing: AbortController,
  ) {
    void this.#read(response).catch(() => undefined); // the reader ends the request itself
  }

  static async open(room: NewRoom): Promise<Events> {
    const closing = new AbortController();
    const response = await fetch(`${new URL(room.links.host).origin}/api/rooms/${room.slug}/events`, {
      headers: { "Parlor-Key": room.key },
      signal: closing.signal,
    });
    expect(response.status).toBe(200);
    return new Events(response, closing);
  }

  /** All events of one name, oldest first. */
  named(name: string): Told[] {
    return this.all.filter((event) => event.name === name);
  }

  close(): void {
    this.closing.abort();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    const body = response.body?.getReader();
    for (let part = await body?.read(); part?.value !== undefined; part = await body?.read()) {
      text += decoder.decode(part.value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const name = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (name !== undefined && data !== undefined)
          this.all.push({ name, data: JSON.parse(data), cameAt: Date.now() });
      }
    }
  }
}
