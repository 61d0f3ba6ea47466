import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";

/** A browser that Playwright does not drive. Its real mouse and keyboard events come from WebDriver. */
export interface Browser {
  /** The name with the version. */
  readonly name: string;
  open(url: string): Promise<void>;
  /** Runs a function in the page. It uses nothing from outside; its arguments and its result are JSON. */
  run<A extends readonly unknown[], R>(call: (...values: A) => R | Promise<R>, ...values: A): Promise<R>;
  /** Presses the mouse at a point of the page, in CSS pixels. */
  press(x: number, y: number): Promise<void>;
  /** Types a text. The text "\n" is the key Enter. */
  type(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** A browser of this machine, or the sentence that says what is missing. */
export type Found = { readonly start: () => Promise<Browser> } | { readonly missing: string };

/** The first of these programs that exists, or null. */
export const programAt = (...paths: readonly (string | undefined)[]): string | null =>
  paths.find((path): path is string => path !== undefined && existsSync(path)) ?? null;

/** The key Enter in WebDriver. */
const ENTER = "\uE007";

/** The keys of a text in WebDriver. */
export const keysOf = (text: string): readonly string[] =>
  [...text].map((key) => (key === "\n" ? ENTER : key));

/** The code of an async function that calls `call` with values as JSON and returns its result as JSON. */
export const codeOf = (call: (...values: never[]) => unknown): string =>
  `async (json) => JSON.stringify((await (${call})(...JSON.parse(json))) ?? null)`;

/** A child process of a browser, with the text that it has written. */
export class Program {
  #text = "";

  private constructor(private readonly child: ChildProcess) {}

  /** Starts a program. `extra` more pipes are read beside its output. */
  static start(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, extra = 0): Program {
    const stdio: "pipe"[] = Array.from({ length: 3 + extra }, () => "pipe");
    const child = spawn(path, args, { stdio, env: { ...process.env, ...env } });
    const program = new Program(child);
    for (const pipe of child.stdio.slice(1))
      (pipe as Readable).on("data", (bytes) => {
        program.#text += bytes;
      });
    return program;
  }

  /** Waits until the program has written a text of this form. */
  async written(form: RegExp): Promise<string> {
    const until = Date.now() + 30_000;
    for (;;) {
      const found = form.exec(this.#text);
      if (found !== null) return found[1] ?? "";
      if (Date.now() > until || this.child.exitCode !== null)
        throw new Error(`${this.child.spawnfile} did not start: ${this.#text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    const killing = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(killing);
  }
}
