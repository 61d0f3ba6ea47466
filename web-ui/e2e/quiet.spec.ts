import { expect, test } from "@playwright/test";
import { enter, newRoom, roomJson, type Someone } from "./panels/people";

const STEP_MS = 30_000;
const STEPS = 10;
/** The bytes of a frame around a payload of this size, including the mask that browsers send. */
const AROUND = { sent: 8, received: 4 } as const;

type Counted = { sent: number; received: number; frames: number };

/** Counts the bytes of a page's WebSocket frames, in both directions. */
function count(counted: Counted) {
  return (page: Someone["page"]): void => {
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => {
        counted.sent += payload.length + AROUND.sent;
        counted.frames++;
      });
      socket.on("framereceived", ({ payload }) => {
        counted.received += payload.length + AROUND.received;
        counted.frames++;
      });
    });
  };
}

test("four idle browsers each send and receive less than a KiB in 30 s, the document does not change, and presence is renewed", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request);
  const counted: Counted[] = [];
  const people: Someone[] = [];
  for (const name of ["Amber Otter", "Quiet Heron", "Blue Finch", "Green Newt"]) {
    const mine: Counted = { sent: 0, received: 0, frames: 0 };
    counted.push(mine);
    people.push(await enter(browser, room.links.host, name, { clock: true, prepare: count(mine) }));
  }
  const [amber, quiet] = people as [Someone, Someone, Someone, Someone];
  // One person's caret is in a note, as when people leave for a coffee.
  await quiet.note("Keep").pressSequentially("back soon");
  for (const who of people) await who.saved();
  await expect(amber.page.getByRole("button", { name: /^4 people here/ })).toBeVisible();
  const before = (await roomJson(request, room)).heads;
  // The first half minute still contains the messages of the arrival.
  for (const who of people) await who.page.clock.runFor(STEP_MS);
  for (const who of people) await who.saved();
  for (const mine of counted) Object.assign(mine, { sent: 0, received: 0, frames: 0 });

  for (let step = 0; step < STEPS; step++) for (const who of people) await who.page.clock.runFor(STEP_MS);
  await amber.page.getByRole("button", { name: /^4 people here/ }).click();
  const listed = amber.page.getByRole("listitem");
  await expect(listed.filter({ hasText: "Quiet Heron" })).toContainText("away");

  const worst = (which: "sent" | "received" | "frames") =>
    Math.max(...counted.map((each) => each[which])) / STEPS;
  process.stdout.write(
    `  measured: in 30 s at most ${worst("sent")} bytes sent, ${worst("received")} received, ${worst("frames")} frames\n`,
  );
  // A browser does not send other people's messages back: each sends a third of the bytes that it receives.
  expect(worst("sent")).toBeLessThanOrEqual(512);
  expect(worst("received")).toBeLessThanOrEqual(1_024);
  // The browsers do send heartbeats, and these leave no trace in the document.
  expect(Math.min(...counted.map((each) => each.frames))).toBeGreaterThanOrEqual(STEPS);
  expect((await roomJson(request, room)).heads).toEqual(before);
  for (const who of people) await who.leave();
});
