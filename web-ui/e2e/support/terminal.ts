import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { java, ROOT } from "./server";

/** The terminal client of Parlor, as `./parlor join` starts it, with pipes instead of a terminal. */
export class Terminal {
  #output = "";

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on("data", (part: Buffer) => {
      this.#output += part.toString();
    });
    child.stderr?.on("data", (part: Buffer) => {
      this.#output += part.toString();
    });
  }

  static join(link: string, name: string): Terminal {
    const target = join(ROOT, "sync-server", "server", "target");
    const classes = [join(target, "classes"), join(target, "lib", "*")].join(":");
    const options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", classes];
    const child = spawn(java(), [...options, "dev.parlor.terminal.Main", link, "--name", name], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new Terminal(child);
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Waits until the client has printed this text. */
  async prints(text: string | RegExp): Promise<void> {
    await expect
      .poll(() => this.#output, { timeout: 20_000 })
      .toMatch(typeof text === "string" ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : text);
  }

  async leave(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await exited;
  }
}
