import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";

vi.mock("../shared/useCopy", () => ({ useCopy: () => ({ copied: false, copy: () => {} }) }));

const { Markdown } = await import("./Markdown");

const html = (text: string, streaming = false) =>
  renderToStaticMarkup(<Markdown text={text} streaming={streaming} />);

/** Elements that may fetch or run something. The renderer must never create one of them. */
const DANGEROUS =
  /<(script|img|iframe|object|embed|video|audio|source|track|link|style|svg|math|form|meta|base|picture|input(?! (class="[^"]*" )?(checked="" )?disabled))/i;

const attacks: readonly string[] = [
  '<img src=x onerror="alert(1)">',
  "<script>alert(1)</script>",
  "<svg/onload=alert(1)>",
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:msgbox(1))",
  "<javascript:alert(1)>",
  "![x](https://tracker.example/pixel.png)",
  "![x](javascript:alert(1))",
  "![x][ref]\n\n[ref]: https://tracker.example/p.png",
  '<video poster="https://tracker.example/p.png"></video>',
  '<div style="background:url(https://tracker.example)">x</div>',
  "<details open ontoggle=alert(1)>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  "```html\n<img src=x onerror=alert(1)>\n```",
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  "`<img src=x onerror=alert(1)>`",
  "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
  "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
  "<!-- --><img src=x onerror=alert(1)>",
  "<style>@import url(https://tracker.example)</style>",
  '<form action="https://tracker.example"><button>x</button></form>',
];

describe("markdown from an untrusted author", () => {
  it.each(attacks.flatMap((text) => [[text, false] as const, [text, true] as const]))(
    "runs and fetches nothing: %j (streaming %s)",
    (text, streaming) => {
      const out = html(text, streaming);
      expect(out).not.toMatch(DANGEROUS);
      // A text may mention handlers and schemes, but no attribute may contain one.
      for (const tag of out.match(/<[^>]+>/g) ?? []) {
        expect(tag).not.toMatch(/\son\w+=/i);
        expect(tag).not.toMatch(/(href|src)="(?!https?:|mailto:|#)/i);
        expect(tag).not.toMatch(/\s(src|srcset|poster|background|action)=/i);
      }
    },
  );

  it.each(attacks)("runs and fetches nothing for any prefix of it while it streams: %j", (text) => {
    for (let end = 1; end < text.length; end++) expect(html(text.slice(0, end), true)).not.toMatch(DANGEROUS);
  });

  it("shows HTML as plain text", () => {
    expect(html("a <b>bold</b> word")).toContain("a &lt;b&gt;bold&lt;/b&gt; word");
  });

  it("opens links in a new tab without a reference to this page", () => {
    const out = html("[docs](https://example.com/a) and mail@example.com");
    expect(out).toContain(
      '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer nofollow">docs</a>',
    );
    expect(out).toContain('href="mailto:mail@example.com"');
  });

  it("shows the names of pictures instead of loading them", () => {
    expect(html("![a chart](https://example.com/c.png)")).toMatch(
      /Picture, not loaded: <a href="https:\/\/example.com\/c.png"[^>]*>a chart<\/a>/,
    );
  });
});

describe("[U10] code", () => {
  const fence = "```ts\nconst a = `<b>` && 1;\n\n  indented\n```";
  it("shows its language, and a copy button if the fence is closed", () => {
    const out = html(fence);
    expect(out).toContain("<span>ts</span>");
    expect(out).toContain('aria-label="Copy ts code"');
    expect(out).toContain("const a = `&lt;b&gt;` &amp;&amp; 1;\n\n  indented</code>");
  });

  it("shows no copy button while it streams and the fence is open", () => {
    expect(html(fence.slice(0, -3), true)).not.toContain("Copy");
    expect(html(fence.slice(0, -3), true)).toContain("<span>ts</span>");
  });

  it("shows a copy button for an open fence in an answer that has ended", () => {
    expect(html(fence.slice(0, -3), false)).toContain("Copy ts code");
  });
});

describe("unfinished markdown syntax", () => {
  it("is rendered as if it were closed, but only while it streams", () => {
    expect(html("a **bold", true)).toContain("<strong>bold</strong>");
    expect(html("a **bold", false)).not.toContain("<strong>");
  });
});

describe("text as people write it", () => {
  it.each([true, false])("is struck through between two tildes only (streaming %s)", (streaming) => {
    expect(html("~5 min and ~10 km, ~200 g", streaming)).not.toContain("<del");
    expect(html("~~gone~~", streaming)).toContain("<del");
  });

  it("has its direction from its first letter, in each block", () => {
    const out = html(
      "# עברית\n\nEnglish.\n\nجملة عربية.\n\n- أول\n- two\n\n1. **ثالث**\n\n   اثنان\n\n> اقتباس\n\n| اسم | value |\n|---|---|\n| ١ | x |",
    );
    expect(out).toContain('<h3 dir="auto"');
    expect(out).toMatch(/<p dir="auto">جملة/);
    expect(out).toMatch(/<li dir="rtl">\s*أول/);
    expect(out).toMatch(/<li dir="ltr">\s*two/);
    expect(out).toMatch(/<li dir="rtl">\s*<p dir="auto"><strong>ثالث/);
    expect(out).toContain('<blockquote dir="rtl"');
    expect(out).toContain('<table dir="rtl"');
    expect(out).toContain('<td dir="auto"');
  });

  it("breaks a word in a table's cell only if the word is too long for a column", () => {
    const out = html(`| Day | Link |\n|---|---|\n| Evening | ${"https://a.example/".padEnd(60, "x")} |`);
    expect(out).toMatch(/<td dir="auto">Evening/);
    expect(out).toMatch(/<td dir="auto" class="md-long"><a/);
  });

  it("offers to wrap the lines of a complete code block", () => {
    expect(html("```js\nx\n```")).toContain("Wrap lines");
    expect(html("```js\nx", true)).not.toContain("Wrap lines");
  });
});
