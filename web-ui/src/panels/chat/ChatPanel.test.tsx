import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import type { Person } from "../../room/people";
import type { ChatEntry } from "../../room/schema/read";
import type { CodeOfBlock } from "../output/blockAction";

// The renderer is loaded lazily in the page, which a render to a string cannot wait for.
vi.mock("../output/AnswerText", async () => ({
  AnswerText: (await import("../output/Markdown")).Markdown,
}));
vi.mock("../shared/useCopy", () => ({ useCopy: () => ({ copied: false, copy: () => {} }) }));

const { ChatPanel } = await import("./ChatPanel");
const { speakerOf } = await import("./Message");
type ChatProps = Parameters<typeof ChatPanel>[0];

const ada: Person = {
  id: "id_ada",
  name: "Ada",
  avatar: null,
  color: 1,
  role: "player",
  status: "online",
  where: null,
  typing: null,
  isMe: true,
  guest: false,
};

const entry = (kind: ChatEntry["kind"]): ChatEntry => ({
  id: kind,
  by: "id_ada",
  at: Date.now(),
  kind,
  text: "/App.jsx\n```jsx\n<App />\n```",
  replyTo: null,
});

const html = (
  entries: readonly ChatEntry[],
  lastSeen: string | null = null,
  author = ada,
  blockAction?: ChatProps["blockAction"],
) =>
  renderToStaticMarkup(
    <ChatPanel
      entries={entries}
      person={() => author}
      typing={[]}
      locked="You are watching."
      lastSeen={lastSeen}
      onSeen={() => {}}
      onSend={() => {}}
      onTyping={() => {}}
      asksModel={() => false}
      requestOf={() => null}
      uploads={null}
      {...(blockAction !== undefined && { blockAction })}
    />,
  );

describe("an entry of a person's program in the chat", () => {
  it("has the name of the person's program, and never the model's or the person's own", () => {
    expect(speakerOf(entry("program"), ada)).toBe("Ada's program");
    expect(speakerOf(entry("model"), ada)).toBe("Model");
    expect(speakerOf(entry("say"), ada)).toBe("Ada");
    const shown = html([entry("program")]);
    expect(shown).toContain('data-kind="program"');
    expect(shown).toContain('data-mine="false"');
    expect(shown).not.toContain("Model");
    expect(shown).not.toContain(">you<");
  });
  it("is unread for its own person, unlike that person's messages", () => {
    const seen = { ...entry("say"), id: "seen" };
    expect(html([seen, entry("program")], "seen")).toContain("chat-new");
    expect(html([seen, entry("say")], "seen")).not.toContain("chat-new");
  });
  it("is rendered as an answer is, so that its code is in blocks; a person's message stays plain text", () => {
    expect(html([entry("program")])).toContain('<figure class="md-code">');
    expect(html([entry("say")])).not.toContain("md-code");
  });
  it("offers the further action of its code block, with the whole entry, and a person's message offers none", () => {
    const seen: string[] = [];
    const action = ({ id }: ChatEntry, { language, code }: CodeOfBlock) => {
      seen.push(`${id} ${language} ${code}`);
      return <button type="button">Open as app</button>;
    };
    expect(html([entry("program"), entry("say")], null, ada, action).match(/Open as app/g)).toHaveLength(1);
    expect(seen).toEqual(["program jsx <App />"]);
  });
  it("runs none of its markup", () => {
    const attack = { ...entry("program"), text: "<img src=x onerror=alert(1)>" };
    expect(html([attack])).not.toMatch(/<img/);
  });
});

describe("a long chat", () => {
  const many = (count: number): ChatEntry[] =>
    Array.from({ length: count }, (_, at) => ({ ...entry("say"), id: `m${at}`, text: `line ${at}.` }));
  const shown = (out: string): number => out.match(/<article/g)?.length ?? 0;

  it("is rendered from the newest message back, and offers the earlier ones", () => {
    const out = html(many(2_000));
    expect(out).toContain("line 1999.");
    expect(shown(out)).toBeLessThanOrEqual(150);
    expect(out).toContain("Show all 2000 messages");
    expect(html(many(100))).not.toContain("Show all");
  });
  it("is rendered from the first unread message on, however many there are", () => {
    const entries = many(2_000).map((each) => ({ ...each, by: "id_bob" }));
    const bob = { ...ada, id: "id_bob", isMe: false };
    const out = html(entries, "m1000", bob);
    expect(out).toContain("chat-new");
    expect(out).toContain("line 1001.");
    expect(out).not.toContain("line 999.");
  });
});

describe("an address in a message", () => {
  const shown = (text: string): string => html([{ ...entry("say"), text }]);

  it("is a link that opens in a new tab, tells the site nothing and is not followed by search engines", () => {
    expect(shown("see https://a.example/x?y=1.")).toContain(
      '<a href="https://a.example/x?y=1" target="_blank" rel="noopener noreferrer nofollow">https://a.example/x?y=1</a>.',
    );
  });

  it("stays text if it begins with another scheme than http and https", () => {
    for (const text of ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.example", "a.example"])
      expect(shown(text)).not.toContain("<a ");
  });
});
