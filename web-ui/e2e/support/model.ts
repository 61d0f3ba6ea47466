import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A stub of a model endpoint with OpenAI's streaming protocol. It records its calls and sends the answer that the test
 * sets.
 */
export class StubModel {
  /** The body of every call, oldest first. */
  readonly calls: {
    readonly model: string;
    readonly messages: readonly { role: string; content: string }[];
  }[] = [];
  answer = "The answer of the stub.";
  /** Milliseconds between two pieces of the answer. */
  pieceDelayMillis = 5;
  /** The number of characters in one piece of the answer. */
  pieceLength = 8;
  /** If set, the endpoint answers with this HTTP status and no answer. */
  failWith: number | null = null;
  /** The next calls are answered with 503 and `Retry-After`, this many. */
  busyTimes = 0;
  /** Thoughts that the model sends before its answer. */
  thoughts = "";
  /** The finish reason that the model reports. */
  finishReason = "stop";
  /** The time at which the last piece of the latest answer was sent, on the machine's clock. */
  lastPieceAt = 0;
  readonly #server: Server;
  readonly #pauseEvents = new EventEmitter();
  #pauseAt = Number.POSITIVE_INFINITY;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<StubModel> {
    const model = new StubModel();
    await new Promise<void>((resolve) => model.#server.listen(0, "127.0.0.1", resolve));
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The model pauses its answer after this number of characters, until the test raises the number. */
  set pauseAt(characters: number) {
    this.#pauseAt = characters;
    this.#pauseEvents.emit("moved");
  }

  /** Resets the model for the next test. */
  reset(): void {
    this.calls.length = 0;
    this.answer = "The answer of the stub.";
    this.pieceDelayMillis = 5;
    this.pieceLength = 8;
    this.pauseAt = Number.POSITIVE_INFINITY;
    this.failWith = null;
    this.finishReason = "stop";
    this.busyTimes = 0;
    this.thoughts = "";
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (!request.url?.endsWith("/chat/completions")) {
      response.writeHead(404).end();
      return;
    }
    this.calls.push(JSON.parse(Buffer.concat(parts).toString()));
    if (this.failWith !== null) {
      response.writeHead(this.failWith, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: "the stub fails on purpose" } }));
      return;
    }
    if (this.busyTimes > 0) {
      this.busyTimes--;
      response.writeHead(503, { "content-type": "application/json", "retry-after": "3" });
      response.end(JSON.stringify({ error: { message: "the stub is busy" } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (data: unknown): boolean => response.write(`data: ${JSON.stringify(data)}\n\n`);
    const choice = (delta: unknown, finish: string | null): unknown => ({
      id: "stub",
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    send(choice({ role: "assistant", content: "" }, null));
    if (this.thoughts !== "") send(choice({ reasoning_content: this.thoughts }, null));
    let sent = 0;
    for (const piece of this.answer.match(new RegExp(`[\\s\\S]{1,${this.pieceLength}}`, "g")) ?? []) {
      while (sent >= this.#pauseAt && !response.destroyed)
        await new Promise<void>((resolve) => {
          this.#pauseEvents.once("moved", resolve);
          response.once("close", resolve);
        });
      if (response.destroyed) return;
      sent += piece.length;
      this.lastPieceAt = Date.now();
      send(choice({ content: piece }, null));
      await new Promise((resolve) => setTimeout(resolve, this.pieceDelayMillis));
    }
    send(choice({}, this.finishReason));
    send({ id: "stub", choices: [], usage: { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 } });
    response.end("data: [DONE]\n\n");
  }
}
