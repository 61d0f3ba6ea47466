import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./server";

const START_MS = 30_000;

/** A real nginx with the sample of docs/proxy, in front of a server below a path. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(port: number, serverPort: number, path: string): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "parlor-nginx-"));
    let sample = readFileSync(join(ROOT, "docs/proxy/nginx.conf"), "utf8");
    for (const [part, by] of [
      ["listen 80;", `listen 127.0.0.1:${port};`],
      ["/var/log/nginx/parlor.log", join(folder, "access.log")],
      ["http://127.0.0.1:8787", `http://127.0.0.1:${serverPort}`],
      ["location / {", `location ${path}/ {`],
    ] as const) {
      if (sample.split(part).length !== 2) throw new Error(`"${part}" must occur once in the sample`);
      sample = sample.replace(part, by);
    }
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${join(folder, name)};`)
      .join("\n");
    const user = process.getuid?.() === 0 ? "user root;\n" : "";
    const config = join(folder, "nginx.conf");
    writeFileSync(
      config,
      `${user}daemon off;\nworker_processes 1;\npid ${join(folder, "pid")};\nerror_log stderr;\nevents {}\n` +
        `http {\n${temporary}\n${sample}\n}\n`,
    );
    const program = process.env.PARLOR_NGINX ?? "/usr/sbin/nginx";
    const child = spawn(program, ["-p", folder, "-c", config], { stdio: ["ignore", "ignore", "inherit"] });
    const nginx = new Nginx(child, folder);
    await nginx.awaitPort(port);
    return nginx;
  }

  private async awaitPort(port: number): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (this.child.exitCode === null && Date.now() < deadline) {
      const socket = connect(port, "127.0.0.1");
      const listens = await Promise.race([
        once(socket, "connect").then(() => true),
        once(socket, "error").then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (listens) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.stop();
    throw new Error("nginx did not start");
  }

  async stop(): Promise<void> {
    const ended = this.child.exitCode === null ? once(this.child, "exit") : null;
    this.child.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
