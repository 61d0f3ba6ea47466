import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const START_MS = 30_000;
const CERTIFICATES = "sync-server/relay/src/test/java/dev/parlor/relay/tls/TestCertificates.java";

/** The server's transport: its default, WebSockets on Helidon, or everything over TLS. */
export type Serving = "default" | "helidon" | "tls";

/** The path of the `java` of a JDK 25. */
export function java(): string {
  const homes = [process.env.PARLOR_JAVA_HOME, process.env.JAVA_HOME];
  if (existsSync("/usr/lib/jvm"))
    homes.push(...readdirSync("/usr/lib/jvm").map((name) => join("/usr/lib/jvm", name)));
  const home = homes.find(
    (candidate) => candidate?.includes("25") && existsSync(join(candidate, "bin", "java")),
  );
  return home === undefined ? "java" : join(home, "bin", "java");
}

/** A port of this machine that no program uses now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === "object"
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}

/**
 * The real server as a child process. Port and data directory stay the same when it is restarted. Without a model URL,
 * the rehearsal model answers.
 */
export class ParlorServer {
  readonly #data = mkdtempSync(join(tmpdir(), "parlor-e2e-"));
  #process: ChildProcess | null = null;
  #log = "";

  private constructor(
    readonly port: number,
    private readonly modelUrl: string | null,
    private readonly serving: Serving,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @param environment further settings */
  static async start(
    modelUrl: string | null,
    serving: Serving = "default",
    environment: NodeJS.ProcessEnv = {},
  ): Promise<ParlorServer> {
    const server = new ParlorServer(await freePort(), modelUrl, serving, environment);
    // Writes a certificate of a new authority. Chromium accepts it, since BROWSER ignores certificate errors.
    if (serving === "tls") execFileSync(java(), [join(ROOT, CERTIFICATES), server.#data]);
    // Serves the page that was built in web-ui/dist, not the page in the server's classes.
    const page = join(server.#data, "page");
    mkdirSync(page);
    symlinkSync(join(ROOT, "web-ui", "dist"), join(page, "web"));
    await server.up();
    return server;
  }

  get url(): string {
    return `${this.serving === "tls" ? "https" : "http"}://127.0.0.1:${this.port}`;
  }

  /** The server's output since it was started. */
  get log(): string {
    return this.#log;
  }

  /** The settings for the transport. */
  #settings(): NodeJS.ProcessEnv {
    switch (this.serving) {
      case "default":
        return {};
      case "helidon":
        return { PARLOR_SOCKETS: "helidon" };
      case "tls":
        return {
          PARLOR_TLS_CERT: join(this.#data, "server-cert.pem"),
          PARLOR_TLS_KEY: join(this.#data, "server-key.pem"),
        };
    }
  }

  /** Starts the process and waits until it serves. */
  async up(): Promise<void> {
    const target = join(ROOT, "sync-server", "server", "target");
    if (!existsSync(join(target, "classes")))
      throw new Error("The server is not built: run ./parlor build first.");
    const child = spawn(
      java(),
      [
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1", // the server runs for minutes only, and C2 would take CPU time from the browsers
        "-XX:+UseSerialGC",
        "-cp",
        [join(this.#data, "page"), join(target, "classes"), join(target, "lib", "*")].join(":"),
        "dev.parlor.server.Main",
      ],
      {
        env: {
          ...process.env,
          PARLOR_HOST: "127.0.0.1",
          PARLOR_PORT: String(this.port),
          PARLOR_DATA: join(this.#data, "data"),
          ...this.#settings(),
          ...this.environment,
          ...(this.modelUrl === null
            ? {}
            : {
                PARLOR_LLM_URL: this.modelUrl,
                PARLOR_LLM_MODEL: "harbor",
                PARLOR_LLM_MODELS: "harbor-large",
                PARLOR_LLM_KEY: "stub-key",
                // A test holds an answer as long as its steps take, so only the test ends it.
                PARLOR_LLM_FIRST_WORD_SECONDS: "600",
                PARLOR_LLM_BETWEEN_SECONDS: "600",
                PARLOR_LLM_TOTAL_SECONDS: "1800",
              }),
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      const timeout = setTimeout(
        () => reject(new Error(`The server did not start:\n${this.#log}`)),
        START_MS,
      );
      const read = (part: Buffer): void => {
        this.#log += part.toString();
        if (this.#log.includes("Exception in thread")) {
          clearTimeout(timeout);
          reject(new Error(`The server did not start:\n${this.#log}`));
        } else if (this.#log.includes("Parlor is open at")) {
          clearTimeout(timeout);
          resolve();
        }
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code) => {
        clearTimeout(timeout);
        reject(new Error(`The server ended with ${code}:\n${this.#log}`));
      });
    });
  }

  /** Ends the process. The default signal is that of a crash. The data stays. */
  async down(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exited;
    this.#log = "";
  }

  async stop(): Promise<void> {
    await this.down("SIGTERM");
    rmSync(this.#data, { recursive: true, force: true });
  }
}
