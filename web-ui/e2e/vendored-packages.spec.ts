import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";

/** The packages for published apps, loaded by an import map with integrity as a published app loads them. */

const DIST = fileURLToPath(new URL("../vendor/dist/", import.meta.url));
const PREFIX = "/~~vendor~~/";

interface Index {
  set: string;
  packages: Record<string, { url: string; sameAs?: string; exports?: string[] }>;
  files: Record<string, { integrity: string }>;
}

const APP = `
  import { createElement, useState } from "react";
  import { jsx } from "react/jsx-runtime";
  import { createRoot } from "react-dom/client";
  import { Heart } from "lucide-react";
  import { LineChart, Line } from "recharts";
  import { motion } from "motion/react";
  import { create } from "zustand";

  const useStore = create(() => ({ name: "Ada" }));
  const data = [{ value: 1 }, { value: 3 }, { value: 2 }];
  function App() {
    const [count, setCount] = useState(0);
    const name = useStore((state) => state.name);
    return createElement("main", null,
      createElement(motion.button, { onClick: () => setCount(count + 1), animate: { opacity: 1 } }, name + " " + count),
      jsx(Heart, { "data-testid": "icon" }),
      createElement(LineChart, { width: 200, height: 100, data },
        createElement(Line, { dataKey: "value", isAnimationActive: false })));
  }
  createRoot(document.getElementById("root")).render(createElement(App));
`;

let index: Index;
let server: Server;
let origin: string;
/** The body that replaces a vendored file, by path. */
const changed = new Map<string, string>();

test.beforeAll(async () => {
  index = JSON.parse(readFileSync(`${DIST}index.json`, "utf8"));
  server = createServer((request, response) => {
    const url = request.url ?? "/";
    if (url === "/") {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(`<!doctype html><script type="importmap">${importMap()}</script><div id="root"></div>`);
      return;
    }
    const path = url.replace(`${PREFIX}${index.set}/`, "");
    if (!(path in index.files)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", "text/javascript; charset=utf-8");
    response.end(changed.get(path) ?? readFileSync(DIST + path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

test.beforeEach(() => changed.clear());

test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function importMap() {
  const imports = Object.fromEntries(Object.entries(index.packages).map(([name, { url }]) => [name, url]));
  const integrity = Object.fromEntries(
    Object.entries(index.files).map(([path, file]) => [`${PREFIX}${index.set}/${path}`, file.integrity]),
  );
  return JSON.stringify({ imports, integrity });
}

/** Opens the page; returns the errors that it reports from then on. */
async function open(page: Page) {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) errors.push(request.url());
  });
  await page.goto(origin);
  return errors;
}

test("every vendored package loads in a browser with the exports that the index lists", async ({ page }) => {
  const errors = await open(page);
  const specifiers = Object.keys(index.packages);
  const loaded = await page.evaluate(async (names) => {
    const found: Record<string, string[]> = {};
    for (const name of names) found[name] = Object.keys(await import(name));
    return found;
  }, specifiers);

  for (const [specifier, { sameAs, exports }] of Object.entries(index.packages)) {
    const listed = exports ?? index.packages[sameAs ?? ""]?.exports ?? ["not listed"];
    expect([...(loaded[specifier] ?? [])].sort(), specifier).toEqual([...listed].sort());
  }
  expect(specifiers.length).toBeGreaterThan(40);
  expect(errors.filter((text) => !text.includes("favicon") && !text.includes("404"))).toEqual([]);
});

test("vendored packages share one React: icons, charts, motion and a store render in one component", async ({
  page,
}) => {
  const errors = await open(page);
  await page.addScriptTag({ type: "module", content: APP });

  await page.getByRole("button").click();
  await expect(page.getByRole("button")).toContainText("Ada 1");
  await expect(page.getByTestId("icon")).toBeVisible();
  await expect(page.locator("path.recharts-line-curve")).toHaveCount(1);
  expect(errors.filter((text) => !text.includes("favicon") && !text.includes("404"))).toEqual([]);
});

test("a vendored file with changed bytes is refused by the browser", async ({ page }) => {
  changed.set("clsx.js", "export default () => 'changed'; export const clsx = 1;");
  await open(page);

  const outcome = await page.evaluate(() =>
    import("clsx" as string).then(
      () => "loaded",
      (error: Error) => error.name,
    ),
  );

  expect(outcome).toBe("TypeError");
});
