import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as bidi from "selenium-webdriver/bidi/index.js";
import { type Browser, codeOf, type Found, keysOf, Program, programAt } from "./browser";

/** The module is the class itself, unlike its types say. */
const Connection = (bidi as unknown as { readonly default: typeof bidi.Index }).default;
type Connection = bidi.Index;

/** Settings of the profile: no requests of the browser itself. */
const SETTINGS = `user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
`;

interface Answer {
  readonly error?: string;
  readonly message?: string;
  readonly result?: Record<string, unknown>;
}

/** Firefox by WebDriver BiDi. Firefox itself is the server of the protocol, so no driver is needed. */
export function findFirefox(): Found {
  const path = programAt(process.env.PARLOR_FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox");
  return path === null
    ? { missing: "Firefox is not installed (Debian: apt-get install firefox-esr)." }
    : { start: () => Firefox.start(path) };
}

class Firefox implements Browser {
  private constructor(
    readonly name: string,
    private readonly program: Program,
    private readonly profile: string,
    private readonly connection: Connection,
    private readonly context: string,
  ) {}

  static async start(path: string): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), "parlor-firefox-"));
    writeFileSync(join(profile, "user.js"), SETTINGS);
    const args = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile];
    const program = Program.start(path, args, {
      MOZ_HEADLESS_WIDTH: "1440",
      MOZ_HEADLESS_HEIGHT: "960",
    });
    const url = await program.written(/WebDriver BiDi listening on (ws:\S+)/);
    const connection = new Connection(`${url}/session`);
    await connection.waitForConnection();
    const { capabilities } = await send(connection, "session.new", { capabilities: {} });
    const { context } = await send(connection, "browsingContext.create", { type: "tab" });
    const { browserVersion } = capabilities as { readonly browserVersion: string };
    return new Firefox(`Firefox ${browserVersion}`, program, profile, connection, String(context));
  }

  async open(url: string): Promise<void> {
    await this.#send("browsingContext.navigate", { url, wait: "complete" });
  }

  async run<A extends readonly unknown[], R>(call: (...values: A) => R | Promise<R>, ...values: A) {
    const { context } = this;
    const answer = await send(this.connection, "script.callFunction", {
      functionDeclaration: codeOf(call),
      arguments: [{ type: "string", value: JSON.stringify(values) }],
      awaitPromise: true,
      target: { context },
    });
    const { result, exceptionDetails } = answer as {
      readonly result?: { readonly value: string };
      readonly exceptionDetails?: { readonly text: string };
    };
    if (result === undefined) throw new Error(exceptionDetails?.text);
    return JSON.parse(result.value) as R;
  }

  async press(x: number, y: number): Promise<void> {
    const actions = [
      { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.#send("input.performActions", { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  async type(text: string): Promise<void> {
    const actions = keysOf(text).flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.#send("input.performActions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.program.stop();
    rmSync(this.profile, { recursive: true, force: true });
  }

  #send(method: string, params: object) {
    return send(this.connection, method, { context: this.context, ...params });
  }
}

async function send(connection: Connection, method: string, params: object) {
  const answer = (await connection.send({ method, params })) as Answer;
  if (answer.result === undefined) throw new Error(`${method}: ${answer.error}: ${answer.message}`);
  return answer.result;
}
