import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { linkFor, roomSession } from "./support/room-session";
import { tagged } from "./support/tags";
import { Terminal } from "./support/terminal";

const DESK = { reducedMotion: "reduce" } as const;
const PHONE = { width: 390, height: 844, touch: true, reducedMotion: "reduce" } as const;
/** One blue pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==",
  "base64",
);

/** The program's client, which must end also if the test fails. */
let terminal: Terminal | null = null;
test.afterEach(() => terminal?.leave());

const query = (person: Person) => person.page.getByRole("textbox", { name: "Query" });
const answers = (person: Person) => person.region("Output").locator("[data-answer]");
const questions = (person: Person) => person.region("Output").locator(".output-query");
const chat = (person: Person) => person.region("Chat");

async function ask(person: Person, question: string): Promise<void> {
  await query(person).fill(question);
  await query(person).press("Enter");
}

async function expectConversation(person: Person, expected: readonly string[]): Promise<void> {
  await expect.poll(() => questions(person).allTextContents(), { timeout: 30_000 }).toEqual(expected);
  await expect(answers(person).last()).toHaveAttribute("data-status", "done", { timeout: 30_000 });
}

test(
  "five people (desk, desk, phone, spectator, keyboard only) and a program spend an afternoon in one room",
  tagged(false),
  async ({ arrive, server, model }) => {
    test.setTimeout(240_000);
    const ada = await arrive("Ada", DESK);
    const link = await ada.openRoom(server.url, "Afternoon");
    await ada.awaitSaved();
    const [bob, eve, cleo, dan] = [
      await arrive("Bob", DESK),
      await arrive("Eve", DESK),
      await arrive("Cleo", PHONE),
      await arrive("Dan", DESK),
    ];
    for (const person of [bob, eve, cleo]) await person.follow(link);
    await dan.follow(await linkFor(ada, "spectator"));
    const program = Terminal.join(link, "Tess");
    terminal = program;
    await program.prints("joined Afternoon as player");
    await expect(ada.page.getByRole("button", { name: /^6 people here/ })).toBeVisible();

    // A thread: a follow-up, and a branch from the first answer.
    model.answer = "Museum, lunch, and a walk by the river.";
    await ask(ada, "Plan an afternoon");
    await expectConversation(bob, ["Plan an afternoon"]);
    model.answer = "Museum and lunch.";
    await ask(bob, "Make it shorter");
    await expectConversation(ada, ["Plan an afternoon", "Make it shorter"]);
    await bob.region("Output").getByRole("article").first().getByRole("button", { name: "Branch" }).click();
    model.answer = "Museum, lunch, a walk, and tea.";
    await ask(bob, "Make it longer");
    for (const person of [ada, eve, dan])
      await expectConversation(person, ["Plan an afternoon", "Make it longer"]);

    // A link to the first answer opens the room there, and the address then names the room only.
    await ada.region("Output").getByRole("article").first().getByRole("button", { name: "Details" }).click();
    await ada.page.getByRole("button", { name: "Copy a link to this answer" }).click();
    const toAnswer = await ada.page.evaluate(() => navigator.clipboard.readText());
    await ada.page.keyboard.press("Escape");
    await eve.page.goto("about:blank");
    await eve.page.goto(toAnswer);
    await eve.awaitRoom();
    await expect(eve.region("Output").locator("[data-found]").first()).toContainText(
      "Museum, lunch, and a walk",
    );
    expect(eve.page.url()).not.toContain("&a=");

    // The queue: while Ada's answer is written, Eve asks by keyboard, and so does the program. All people see both wait.
    model.answer = "The river first. ".repeat(8);
    model.pauseAt = 20;
    await ask(ada, "What comes first?");
    await expect(answers(eve).last()).toContainText("The river");
    await eve.page.keyboard.press("Control+/");
    await expect(query(eve)).toBeFocused();
    await eve.page.keyboard.type("And if it rains?");
    await eve.page.keyboard.press("Enter");
    for (const person of [ada, dan]) await expect(person.region("Queue")).toContainText("And if it rains?");
    program.type("@model how long is it?");
    for (const person of [ada, dan])
      await expect(person.region("Queue")).toContainText(/how long is it\?|\+1/);
    model.pauseAt = Number.POSITIVE_INFINITY;
    await expect(ada.region("Queue")).toHaveCount(0, { timeout: 30_000 });
    expect(model.calls.slice(-2).map(({ messages }) => messages.at(-1)?.content)).toEqual([
      "And if it rains?",
      "how long is it?",
    ]);
    await expect(chat(dan)).toContainText("Answered in Output");

    // A quote and a comment on an answer; a picture from the phone.
    const word = answers(bob).first();
    await word.scrollIntoViewIfNeeded();
    await word
      .getByText("Museum")
      .first()
      .dblclick({ position: { x: 12, y: 8 } });
    const tools = bob.page.getByRole("toolbar", { name: "Selected text" });
    await tools.getByRole("button", { name: "Quote to chat" }).click();
    await bob.page.keyboard.type("Which museum?");
    await bob.page.keyboard.press("Enter");
    await expect(chat(eve).locator("blockquote")).toContainText("Museum");
    await program.prints("Which museum?");
    await word
      .getByText("Museum")
      .first()
      .dblclick({ position: { x: 12, y: 8 } });
    await tools.getByRole("button", { name: "Comment" }).click();
    await bob.page.keyboard.type("The one with the ships.");
    await bob.page.keyboard.press("Enter");
    await expect(ada.region("Output").getByRole("button", { name: "1 comment" })).toBeVisible();
    await cleo.page.getByRole("tab", { name: /^Chat/ }).tap();
    await chat(cleo)
      .locator('input[type="file"]')
      .setInputFiles({ name: "ship.png", mimeType: "image/png", buffer: PNG });
    await expect(chat(cleo).locator('[data-state="stored"]')).toBeVisible();
    await chat(cleo).getByRole("textbox", { name: "Message" }).fill("This ship");
    await chat(cleo).getByRole("textbox", { name: "Message" }).press("Enter");
    await expect(chat(dan).getByRole("img", { name: "ship", exact: true })).toBeVisible();

    // The spectator sees all and is told why asking is off.
    await expect(dan.page.getByRole("button", { name: "Generate", exact: true })).toBeDisabled();
    await expect(dan.region("Output")).toContainText("You're a spectator");

    // Bob works in a tunnel; both texts stay.
    await bob.setOffline(true);
    await bob.note().click();
    await bob.page.keyboard.type("Tea at five.");
    await eve.note().click();
    await eve.page.keyboard.type("Umbrellas.");
    await bob.setOffline(false);
    for (const person of [ada, bob, eve])
      await expect
        .poll(() => person.noteText(), { timeout: 30_000 })
        .toMatch(/^(Tea at five\.Umbrellas\.|Umbrellas\.Tea at five\.)$/);

    // The server is killed in the middle of an answer: the part stays, and a retry gets the whole answer.
    for (const person of [ada, bob, cleo, dan, eve]) person.ignoresNetworkErrors = true;
    model.answer = "Tickets cost twelve euros each, and children enter free.";
    model.pauseAt = 24;
    await ask(ada, "What does it cost?");
    await expect(answers(eve).last()).toContainText("Tickets cost");
    // The server stores a running answer every few seconds. What it has not stored is lost with it.
    const session = await roomSession(eve.page);
    await expect
      .poll(() => session.evaluate((open) => JSON.stringify(open.handle.doc().results)), { timeout: 20_000 })
      .toContain("Tickets cost");
    await server.down("SIGKILL");
    model.pauseAt = Number.POSITIVE_INFINITY;
    await server.up();
    await expect(ada.region("Output")).toContainText("the server went away", { timeout: 30_000 });
    await expect(answers(ada).last()).toContainText("Tickets cost");
    await ada.awaitSaved();
    await ada.region("Output").getByRole("button", { name: "Retry" }).click();
    for (const person of [ada, eve])
      await expect(answers(person).last()).toContainText("children enter free.", { timeout: 30_000 });
    program.type("We go, then.");
    await expect(chat(ada)).toContainText("We go, then.", { timeout: 30_000 });

    // A fork keeps the afternoon, and the room stays as it is.
    await bob.awaitSaved();
    const room = bob.page.url();
    await bob.page.getByRole("button", { name: "More" }).click();
    await bob.page.getByRole("menuitem", { name: "Fork this room" }).click();
    await expect(bob.page).not.toHaveURL(room);
    await bob.awaitRoom();
    await expect(bob.page.getByLabel("Room title")).toHaveValue("Copy of Afternoon");
    await expect(chat(bob)).toContainText("We go, then.");
    await expect(ada.page.getByLabel("Room title")).toHaveValue("Afternoon");

    for (const colorScheme of ["light", "dark"] as const) {
      await ada.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page: ada.page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
  },
);
