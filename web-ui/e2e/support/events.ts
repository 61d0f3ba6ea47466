import { expect } from "@playwright/test";
import type { NewRoom } from "../panels/people";

/** One event of a room's event stream, with its time of arrival in Unix milliseconds. */
export interface ReceivedEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly receivedAt: number;
}

/** A client of a room's server-sent events, which records all events. */
export class EventRecorder {
  readonly received: ReceivedEvent[] = [];

  private constructor(
    response: Response,
    private readonly closing: AbortController,
  ) {
    void this.#read(response).catch(() => undefined); // close() aborts the request, which rejects the read
  }

  static async open(room: NewRoom): Promise<EventRecorder> {
    const closing = new AbortController();
    const response = await fetch(`${new URL(room.links.host).origin}/api/rooms/${room.slug}/events`, {
      headers: { "Parlor-Key": room.key },
      signal: closing.signal,
    });
    expect(response.status).toBe(200);
    return new EventRecorder(response, closing);
  }

  /** All events of one name, oldest first. */
  named(name: string): ReceivedEvent[] {
    return this.received.filter((event) => event.name === name);
  }

  close(): void {
    this.closing.abort();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    const body = response.body?.getReader();
    for (let chunk = await body?.read(); chunk?.value !== undefined; chunk = await body?.read()) {
      text += decoder.decode(chunk.value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const name = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (name !== undefined && data !== undefined)
          this.received.push({ name, data: JSON.parse(data), receivedAt: Date.now() });
      }
    }
  }
}
