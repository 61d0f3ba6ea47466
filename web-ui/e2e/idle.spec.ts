import { expect, test } from "@playwright/test";
import { enter, newRoom, type Participant, roomJson } from "./panels/people";

const STEP_MS = 30_000;
const STEPS = 10;
/** The bytes of a WebSocket frame's header; browsers also send a mask. */
const HEADER_BYTES = { sent: 8, received: 4 } as const;

type Traffic = { sentBytes: number; receivedBytes: number; frames: number };

/** Returns a function that counts the traffic of a page's WebSockets, in both directions. */
function countInto(traffic: Traffic) {
  return (page: Participant["page"]): void => {
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => {
        traffic.sentBytes += payload.length + HEADER_BYTES.sent;
        traffic.frames++;
      });
      socket.on("framereceived", ({ payload }) => {
        traffic.receivedBytes += payload.length + HEADER_BYTES.received;
        traffic.frames++;
      });
    });
  };
}

test("four idle browsers each send and receive less than a KiB in 30 s, the document does not change, and presence is renewed", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request);
  const traffic: Traffic[] = [];
  const people: Participant[] = [];
  for (const name of ["Amber Otter", "Quiet Heron", "Blue Finch", "Green Newt"]) {
    const own: Traffic = { sentBytes: 0, receivedBytes: 0, frames: 0 };
    traffic.push(own);
    people.push(await enter(browser, room.links.host, name, { clock: true, prepare: countInto(own) }));
  }
  const [amber, quiet] = people as [Participant, Participant, Participant, Participant];
  // One person leaves the caret in a note, since a caret is also presence that is renewed.
  await quiet.note("Shared notes").pressSequentially("back soon");
  for (const person of people) await person.awaitSaved();
  await expect(amber.page.getByRole("button", { name: /^4 people here/ })).toBeVisible();
  const before = (await roomJson(request, room)).heads;
  // The first 30 s also contain messages of the joins, so they are not counted.
  for (const person of people) await person.page.clock.runFor(STEP_MS);
  for (const person of people) await person.awaitSaved();
  for (const own of traffic) Object.assign(own, { sentBytes: 0, receivedBytes: 0, frames: 0 });

  for (let step = 0; step < STEPS; step++)
    for (const person of people) await person.page.clock.runFor(STEP_MS);
  await amber.page.getByRole("button", { name: /^4 people here/ }).click();
  const listed = amber.page.getByRole("listitem");
  await expect(listed.filter({ hasText: "Quiet Heron" })).toContainText("away");

  const highest = (count: keyof Traffic) => Math.max(...traffic.map((own) => own[count])) / STEPS;
  process.stdout.write(
    `  measured: in 30 s at most ${highest("sentBytes")} bytes sent, ${highest("receivedBytes")} received, ${highest("frames")} frames\n`,
  );
  // A browser sends only its own messages, so it sends about a third of the bytes that it receives from three others.
  expect(highest("sentBytes")).toBeLessThanOrEqual(512);
  expect(highest("receivedBytes")).toBeLessThanOrEqual(1_024);
  // The browsers send heartbeats, and these do not change the document.
  expect(Math.min(...traffic.map((own) => own.frames))).toBeGreaterThanOrEqual(STEPS);
  expect((await roomJson(request, room)).heads).toEqual(before);
  for (const person of people) await person.leave();
});
