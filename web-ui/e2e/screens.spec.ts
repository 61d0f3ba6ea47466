import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./support/fixtures";
import { afterFrames } from "./support/frames";
import { tagged } from "./support/tags";

/** The folder of the screenshots. With PARLOR_SCREENS=1 they replace the pictures in docs/screens. */
const FOLDER =
  process.env.PARLOR_SCREENS === "1"
    ? fileURLToPath(new URL("../../docs/screens", import.meta.url))
    : fileURLToPath(new URL("../test-results/screens", import.meta.url));

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;

const ANSWER = `## A room where several people prompt together

Everyone in the room holds a few cards. You play one, someone else plays the next, and the stack becomes the prompt. Nobody waits for a turn unless you want turns.

If the train goes into a tunnel, keep writing. When you come back, both versions of the note are there, because edits merge instead of replacing each other.

\`\`\`html
<!-- the hero, short enough to read on a phone -->
<h1>Prompt it together.</h1>
<p class="lede">One room, one stack of cards, one answer.</p>
<a class="go" href="/r/new">Open a room</a>
\`\`\`

`;

/** Returns the layout rules that do not hold. It runs in the page, so that it reads all positions at one moment. */
const brokenLayoutRules = (isDesktop: boolean): string[] => {
  const boxes = (selector: string) =>
    [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
  const [output] = boxes('section[aria-label="Output"]');
  const [view] = boxes(".output-view");
  const [composer] = boxes("form.composer");
  const [answer] = boxes("[data-answer]");
  const [tabs] = boxes('[role="tablist"]');
  const lowerEdge = isDesktop ? output?.bottom : tabs?.top;
  const rules: Record<string, boolean | undefined> = {
    "the composer is at the lower edge of Output":
      composer && lowerEdge !== undefined && composer.bottom <= lowerEdge,
    "the composer is as wide as Output":
      composer && output && composer.width > output.width * 0.9 && composer.right <= output.right,
    "the answer and the composer do not overlap": view && composer && view.bottom <= composer.top,
    "the answer has space": view && answer && view.height > 160,
  };
  return Object.keys(rules).filter((rule) => rules[rule] !== true);
};

test(
  "the page shows two people and a streaming answer at three widths, in light and dark",
  tagged(false),
  async ({ arrive, server, model }) => {
    mkdirSync(FOLDER, { recursive: true });
    const amber = await arrive("Amber Otter", { reducedMotion: "reduce" });
    const quiet = await arrive("Quiet Heron", { reducedMotion: "reduce" });
    await amber.page.goto(server.url);
    await amber.page.screenshot({ path: join(FOLDER, "front-1440-light.png") });
    await quiet.follow(await amber.openRoom(server.url, "Launch page copy"));

    const sendMessage = async (person: typeof amber, text: string): Promise<void> => {
      const field = person.region("Chat").getByRole("textbox", { name: "Message" });
      await field.fill(text);
      await field.press("Enter");
    };
    await sendMessage(quiet, "The academic tone made it read like a grant.");
    await sendMessage(amber, "I added a warmer one. The lowest tone wins.");
    await sendMessage(quiet, "Good. Ask for the launch page.");
    await amber.note().click();
    await amber.page.keyboard.type(
      "Say room, not workspace. Lead with the tunnel, it is the part people remember.",
    );
    await expect.poll(() => quiet.noteText()).toContain("people remember");
    await quiet.note().click();

    // The model pauses, so that the answer is still being written while the pictures are taken.
    model.answer = `${ANSWER}Below it, one line for people who read only one: nobody waits for a turn unless you want turns.`;
    model.pauseAt = ANSWER.length + 48;
    await amber.page
      .getByRole("textbox", { name: "Query" })
      .fill("Write the launch page for a room where people prompt together");
    await amber.page.getByRole("button", { name: "Generate", exact: true }).click();
    await expect(amber.region("Output")).toContainText("Below it, one line", { timeout: 30_000 });
    await amber.page
      .getByRole("textbox", { name: "Query" })
      .fill("Write it again for people who are in a hurry");
    await amber.page.mouse.move(500, 20);
    await quiet.page.mouse.move(260, 420, { steps: 4 });
    await expect(amber.page.locator(".cursor", { hasText: "Quiet Heron" })).toBeVisible();
    await expect(
      amber.region("Note: Shared notes").locator(".caret b"),
      "the name at the caret fades out, so that the text stays readable",
    ).toHaveCSS("opacity", "0");

    for (const size of SIZES) {
      await amber.page.setViewportSize(size);
      // Typed text stays when the page changes between the desktop and the phone layout.
      await expect(amber.page.getByRole("textbox", { name: "Query" })).toHaveValue(/^Write it again/);
      // The page changes its layout some time after the resize.
      const brokenRules = () => amber.page.evaluate(brokenLayoutRules, size.width > 700);
      await expect.poll(brokenRules, { message: "layout rules that do not hold" }).toEqual([]);
      for (const scheme of ["light", "dark"] as const) {
        await amber.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await quiet.page.mouse.move(300 + size.width / 100, 430, { steps: 2 });
        await afterFrames(amber.page);
        await amber.page.screenshot({
          path: join(FOLDER, `room-${size.width}-${scheme}.png`),
          animations: "disabled",
        });
      }
    }
    await amber.page.setViewportSize(SIZES[0]);
    await amber.page.getByRole("button", { name: "Stop" }).first().click();
    await expect(amber.region("Output")).toContainText("Stopped.");
  },
);
