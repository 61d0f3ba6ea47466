import { describe, expect, it } from "vitest";
import { announcedLanguage, appOf, blocksOf, titleOfApp } from "./blocks";

const app = (markdown: string) => {
  const [block] = blocksOf(markdown);
  return block === undefined ? null : appOf(block);
};

describe("code blocks of an answer", () => {
  it("are numbered among all blocks of the answer", () => {
    const text = "```sh\nls\n```\n\n```html\n<p>1</p>\n```\n\n~~~svg\n<svg/>\n~~~\n";
    expect(blocksOf(text).map(({ index, language, code }) => [index, language, code])).toEqual([
      [0, "sh", "ls"],
      [1, "html", "<p>1</p>"],
      [2, "svg", "<svg/>"],
    ]);
  });

  it("end only at a fence that is as long as the opening fence", () => {
    const text = "````html\n```\ninside\n```\n````";
    expect(blocksOf(text).map(({ code }) => code)).toEqual(["```\ninside\n```"]);
  });

  it("are left out without a closing fence", () => {
    expect(blocksOf("```html\n<p>")).toEqual([]);
    expect(blocksOf("```html\n<p>1</p>\n```\n```jsx\nexport")).toHaveLength(1);
  });

  it("lose the indentation of the list item that contains them, and no more", () => {
    expect(blocksOf("1. Here:\n   ```jsx\n   a\n     b\n   ```")[0]?.code).toBe("a\n  b");
  });

  it("keep empty lines, and read CR LF as LF", () => {
    expect(blocksOf("```jsx\r\na\r\n\r\nb\r\n```")[0]?.code).toBe("a\n\nb");
  });

  it("of a megabyte of backticks are read without a delay that grows with the square", () => {
    expect(blocksOf("`".repeat(1_000_000))).toEqual([]);
  });
});

describe("the name of an app's file", () => {
  it.each([
    "SignUp.jsx",
    "/SignUp.jsx",
    "**SignUp.jsx**",
    "`SignUp.jsx`:",
    "### SignUp.jsx",
    "// SignUp.jsx",
  ])("is the path in the line before the fence: %s", (line) => {
    expect(app(`Text.\n\n${line}\n\n\`\`\`jsx\n1\n\`\`\``)?.name).toBe("SignUp.jsx");
  });

  it("keeps the folders of the path", () => {
    expect(app("src/pages/Home.tsx\n```tsx\n1\n```")?.name).toBe("src/pages/Home.tsx");
  });

  it("is a default name without a path line, and if the path has another ending", () => {
    expect(app("Here is `App`:\n```jsx\n1\n```")?.name).toBe("App.jsx");
    expect(app("styles.css\n```html\n1\n```")?.name).toBe("index.html");
    expect(app("../../etc/a.svg x\n```svg\n1\n```")?.name).toBe("drawing.svg");
  });

  it("belongs to blocks of html, jsx, tsx and svg only", () => {
    expect(["html", "JSX", "tsx", "svg"].map((name) => app(`\`\`\`${name}\n1\n\`\`\``)?.language)).toEqual([
      "html",
      "jsx",
      "tsx",
      "svg",
    ]);
    expect(["js", "python", "", "xhtml"].map((name) => app(`\`\`\`${name}\n1\n\`\`\``))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("the title of an app's window", () => {
  const title = (language: "html" | "jsx", name: string, code: string) =>
    titleOfApp({ language, name, code });

  it("is the page's title, the component's name or the file's name", () => {
    expect(title("html", "index.html", "<title> Tea time </title>")).toBe("Tea time");
    expect(title("jsx", "App.jsx", "export default function SignUpForm() {}")).toBe("Sign up form");
    expect(title("jsx", "src/tea-list.jsx", "const a = 1")).toBe("Tea list");
    expect(title("jsx", "App.jsx", "export default function App() {}")).toBe("App");
    expect(title("html", "index.html", "<p>")).toBe("App");
  });
});

describe("the language of an app in an unfinished answer", () => {
  it.each([
    ["Here it is.\n\n```jsx\n", "jsx"],
    ["1. First\n   ~~~~ TSX title\n   code", "tsx"],
    ["```ts\nx\n```\n> ```html {1}\n<p>", "html"],
    ["```svg\n```\n\n```jsx\n", "svg"],
  ])("is known as soon as the opening fence is there: %j", (text, language) => {
    expect(announcedLanguage(text)).toBe(language);
  });

  it.each(["", "```", "```js", "```jsx", "```json\n{}", "use ```jsx\n", "html is a language"])(
    "is not known without a whole opening fence of an app: %j",
    (text) => expect(announcedLanguage(text)).toBeNull(),
  );
});
