import { Builder, type WebDriver } from "selenium-webdriver";
import { freePort } from "../support/server";
import { type Browser, codeOf, type Found, keysOf, Program, programAt } from "./browser";

const FOLDER = "/usr/lib/x86_64-linux-gnu";

/** WebKitGTK in its own small browser, by WebDriver. It needs a screen; without one, Xvfb gives it one. */
export function findWebKit(): Found {
  const driver = programAt(process.env.PARLOR_WEBKIT_DRIVER, "/usr/bin/WebKitWebDriver");
  const browser = programAt(
    process.env.PARLOR_WEBKIT,
    ...["4.1", "4.0"].map((version) => `${FOLDER}/webkit2gtk-${version}/MiniBrowser`),
  );
  const screen = programAt("/usr/bin/Xvfb");
  if (driver === null || browser === null)
    return { missing: "WebKitGTK is not installed (Debian: apt-get install webkit2gtk-driver)." };
  if (screen === null && process.env.DISPLAY === undefined)
    return { missing: "WebKitGTK needs a screen (Debian: apt-get install xvfb)." };
  return { start: () => WebKit.start(driver, browser, screen) };
}

class WebKit implements Browser {
  private constructor(
    readonly name: string,
    private readonly driver: WebDriver,
    private readonly programs: readonly Program[],
  ) {}

  static async start(path: string, browser: string, screen: string | null): Promise<WebKit> {
    const programs: Program[] = [];
    let display = process.env.DISPLAY;
    if (screen !== null) {
      const args = ["-displayfd", "3", "-screen", "0", "1440x960x24", "-nolisten", "tcp"];
      const virtual = Program.start(screen, args, {}, 1);
      programs.push(virtual);
      display = `:${await virtual.written(/(\d+)\n/)}`;
    }
    const port = await freePort();
    programs.unshift(Program.start(path, [`--port=${port}`], { DISPLAY: display }));
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/status`);
    const driver = await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(url)
      .withCapabilities({
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
      })
      .build();
    await driver.manage().window().setRect({ x: 0, y: 0, width: 1440, height: 960 });
    const version = (await driver.getCapabilities()).get("browserVersion");
    return new WebKit(`WebKitGTK ${version}`, driver, programs);
  }

  async open(url: string): Promise<void> {
    await this.driver.get(url);
  }

  async run<A extends readonly unknown[], R>(call: (...values: A) => R | Promise<R>, ...values: A) {
    const json: string = await this.driver.executeAsyncScript(
      `const [values, done] = arguments; (${codeOf(call)})(values).then(done, (error) => done("!" + error));`,
      JSON.stringify(values),
    );
    if (json.startsWith("!")) throw new Error(json.slice(1));
    return JSON.parse(json) as R;
  }

  async press(x: number, y: number): Promise<void> {
    const at = { x: Math.round(x), y: Math.round(y) };
    await this.driver.actions({ async: true }).move(at).press().release().perform();
  }

  async type(text: string): Promise<void> {
    await this.driver
      .actions({ async: true })
      .sendKeys(...keysOf(text))
      .perform();
  }

  async stop(): Promise<void> {
    await this.driver.quit();
    for (const program of this.programs) await program.stop();
  }
}

/** Waits until a server answers. */
async function answers(url: string): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > until) throw new Error(`no answer from ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
