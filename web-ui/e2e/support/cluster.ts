import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, java, ParlorServer, ROOT } from "./server";

const START_MS = 30_000;
const COUNT = 3;

async function awaitPort(port: number): Promise<void> {
  const end = Date.now() + START_MS;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    if (Date.now() > end) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Three real servers of NATS and three nodes of Parlor behind an nginx, as child processes. */
export class Cluster {
  readonly nodes: ParlorServer[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "parlor-e2e-cluster-"));
  readonly #children: ChildProcess[] = [];
  readonly #servers: ChildProcess[] = [];
  #proxyPort = 0;

  /** Starts everything, with one node for each URL of a model, and waits until all nodes serve. */
  static async start(modelUrls: readonly string[]): Promise<Cluster> {
    const cluster = new Cluster();
    try {
      const servers = await cluster.#startServers();
      for (const modelUrl of modelUrls)
        cluster.nodes.push(
          await ParlorServer.start(modelUrl, "default", { PARLOR_CLUSTER: servers, PARLOR_SAVED: "quorum" }),
        );
      await cluster.#startProxy();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The address that people use. */
  get url(): string {
    return `http://127.0.0.1:${this.#proxyPort}`;
  }

  async #startServers(): Promise<string> {
    const program =
      process.env.PARLOR_NATS_SERVER ??
      execFileSync(join(ROOT, "sync-server/nats/fetch-server"), { encoding: "utf8" }).trim();
    const ports: number[] = [];
    const routes: number[] = [];
    for (let i = 0; i < COUNT; i++) {
      ports.push(await freePort());
      routes.push(await freePort());
    }
    const others = routes.map((port) => `nats://127.0.0.1:${port}`).join(", ");
    for (const [i, port] of ports.entries()) {
      const config = join(this.#folder, `server${i}.conf`);
      writeFileSync(
        config,
        `server_name: server${i}
        listen: "127.0.0.1:${port}"
        jetstream: { store_dir: "${join(this.#folder, `data${i}`)}", sync_interval: always, max_memory_store: 64MB, max_file_store: 4GB }
        cluster: { name: browsers, listen: "127.0.0.1:${routes[i]}", routes: [${others}] }\n`,
      );
      this.#servers.push(spawn(program, ["-c", config], { stdio: "ignore" }));
    }
    await Promise.all(ports.map(awaitPort));
    const servers = ports.map((port) => `nats://127.0.0.1:${port}`).join(",");
    const target = join(ROOT, "sync-server", "server", "target");
    const init = [
      "-XX:TieredStopAtLevel=1",
      "-cp",
      [join(target, "classes"), join(target, "lib", "*")].join(":"),
      "dev.parlor.nats.command.Main",
      "init",
      "--cluster",
      servers,
      "--shards",
      "4",
      "--replicas",
      String(COUNT),
    ];
    // The command is refused until the servers know each other.
    const end = Date.now() + START_MS;
    for (;;) {
      try {
        execFileSync(java(), init, { stdio: ["ignore", "ignore", "pipe"] });
        break;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
    return servers;
  }

  /** An nginx that gives each new connection to the next node, and asks another node if one refuses. */
  async #startProxy(): Promise<void> {
    this.#proxyPort = await freePort();
    const folder = join(this.#folder, "proxy");
    mkdirSync(folder);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${join(folder, name)};`)
      .join("\n");
    const nodes = this.nodes
      .map((node) => `server 127.0.0.1:${node.port} max_fails=1 fail_timeout=1s;`)
      .join(" ");
    const config = join(folder, "nginx.conf");
    writeFileSync(
      config,
      `${process.getuid?.() === 0 ? "user root;\n" : ""}daemon off;
      worker_processes 1;
      pid ${join(folder, "pid")};
      error_log stderr crit;
      events {}
      http {
        ${temporary}
        access_log off;
        upstream parlor { ${nodes} }
        map $http_upgrade $parlor_connection { default upgrade; "" ""; }
        server {
          listen 127.0.0.1:${this.#proxyPort};
          location / {
            proxy_pass http://parlor;
            proxy_http_version 1.1;
            proxy_connect_timeout 1s;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $parlor_connection;
            proxy_buffering off;
            proxy_request_buffering off;
          }
        }
      }\n`,
    );
    const program = process.env.PARLOR_NGINX ?? "/usr/sbin/nginx";
    this.#children.push(
      spawn(program, ["-p", folder, "-c", config], { stdio: ["ignore", "ignore", "inherit"] }),
    );
    await awaitPort(this.#proxyPort);
  }

  /** Pauses this number of the servers of NATS. Two paused servers leave no majority, so nothing can be stored. */
  pauseServers(count: number): void {
    for (const server of this.#servers.slice(0, count)) server.kill("SIGSTOP");
  }

  resumeServers(): void {
    for (const server of this.#servers) server.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    this.resumeServers();
    for (const node of this.nodes) {
      await node.down();
      await node.stop();
    }
    for (const child of [...this.#children.reverse(), ...this.#servers]) {
      if (child.exitCode !== null) continue;
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
