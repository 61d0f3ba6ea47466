import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { type QueueProps, QueueStrip } from "./QueueStrip";
import type { Waiting } from "./queue";

const waiting = (request: string, by: string, more: Partial<Waiting> = {}): Waiting => ({
  request,
  by,
  query: `Question ${request}`,
  state: "waiting",
  place: 1,
  mayCancel: false,
  up: undefined,
  down: undefined,
  ...more,
});

const html = (part: Partial<QueueProps>) =>
  renderToStaticMarkup(
    <QueueStrip
      waiting={[]}
      elsewhere={[]}
      person={(id) => ({ name: id === "ada" ? "Ada" : "Ben", color: 1, isMe: id === "ada" })}
      pause={null}
      locked={null}
      onCancel={() => {}}
      onMove={() => {}}
      onConfirm={() => {}}
      onResume={() => {}}
      onShow={() => {}}
      onStop={() => {}}
      {...part}
    />,
  );

describe("the queue above the composer", () => {
  it("is not shown while nothing waits and nothing is written elsewhere", () => expect(html({})).toBe(""));

  it("shows person, question and place of the next request, and how many wait behind it", () => {
    const shown = html({
      waiting: [waiting("q1", "ben"), waiting("q2", "ada", { place: 2, mayCancel: true })],
    });
    expect(shown).toContain('aria-label="Next: Ben, Question q1"');
    expect(shown).toContain("+1");
    expect(shown).not.toContain("Question q2");
    expect(shown).not.toContain("Cancel");
  });

  it("asks the author of an old request, and nobody else", () => {
    const old = (by: string) => html({ waiting: [waiting("q1", by, { state: "old", place: null })] });
    expect(old("ada")).toContain("You asked “Question q1” while you were offline");
    expect(old("ada")).toContain("Ask now");
    expect(old("ben")).not.toContain("Ask now");
    expect(old("ben")).toContain("Asks again");
  });

  it("counts down to the end of a pause, and lets a person resume it who is not a spectator", () => {
    const pause = { name: "Ben", seconds: 43 };
    expect(html({ waiting: [waiting("q1", "ben")], pause })).toContain("in 43 s");
    expect(html({ waiting: [waiting("q1", "ben")], pause, locked: "You're a spectator." })).toMatch(
      /<button[^>]*disabled=""[^>]*>.*Resume/,
    );
  });

  it("shows an answer that is written outside of the shown conversation, with Show and Stop", () => {
    const shown = html({ elsewhere: [{ request: "r1", by: "ben", query: "Make it shorter" }] });
    expect(shown).toContain("“Make it shorter” is being written");
    expect(shown).toContain("Show");
    expect(shown).toContain("Stop");
  });
});
