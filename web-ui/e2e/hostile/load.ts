/** Apps that use up time or memory. They begin 100 ms after their page, so that the page itself is shown. */
export const LOADS: readonly { readonly name: string; readonly code: string }[] = [
  { name: "endless-loop", code: "while (true);" },
  { name: "endless-promises", code: "const next = () => Promise.resolve().then(next); next();" },
  { name: "slow-expression", code: `/^(a+)+$/.test("a".repeat(40) + "b");` },
  { name: "slow-recursion", code: "const f = (n) => n < 2 ? n : f(n - 1) + f(n - 2); f(90);" },
];

/** Loops that the guards stop, where an app has no own host. */
export const GUARDED = ["endless-loop", "endless-promises", "slow-recursion"];

export const loadPage = ({
  name,
  code,
}: {
  readonly name: string;
  readonly code: string;
}): string => `<!doctype html>
<title>${name}</title><h1>${name}</h1>
<script>setTimeout(() => { ${code} }, 100);</script>`;

/** Takes 1 GiB and writes to each page of it. */
export const MEMORY = `<!doctype html>
<title>memory</title><h1>memory</h1><pre id="out"></pre>
<script>
const kept = [];
setTimeout(() => {
  const out = document.getElementById("out");
  try {
    for (let i = 0; i < 16; i++) { const part = new Uint8Array(64 * 1024 * 1024); for (let at = 0; at < part.length; at += 4096) part[at] = 1; kept.push(part); }
    out.textContent = "{}";
  } catch (error) { out.textContent = JSON.stringify({ failed: error.name }); }
  out.dataset.done = "yes";
}, 100);
</script>`;

/** Takes the focus all the time and records the keys. */
export const KEYLOGGER = `<!doctype html>
<title>keylogger</title><input id="field" autofocus><pre id="out">{"keys":""}</pre>
<script>
let keys = "";
const field = document.getElementById("field"), out = document.getElementById("out");
addEventListener("keydown", (event) => { keys += event.key; out.textContent = JSON.stringify({ keys }); });
setInterval(() => { window.focus(); field.focus(); field.select(); }, 10);
out.dataset.done = "yes";
</script>`;

/** A drawing with scripts. */
export const DRAWING = (
  foreign: string,
): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="fetch('${foreign}/onload');top.pwned=1">
<title>drawing</title><script>fetch("${foreign}/script"); try { top.pwned = 1; parent.document.title = "pwned"; } catch {} </script>
<image href="${foreign}/image"/><use href="${foreign}/use#a"/><a href="${foreign}/link" target="_top"><circle r="4" cx="4" cy="4"/></a>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="${foreign}/frame"></iframe><form xmlns="http://www.w3.org/1999/xhtml" action="${foreign}/form"/></foreignObject>
<animate attributeName="href" values="javascript:top.pwned=1" begin="0s"/></svg>`;

/** Starts as many workers as it can, by each way to the constructor, and lets each of them loop. */
export const WORKERS = `<!doctype html>
<title>workers</title><h1>workers</h1><pre id="out"></pre>
<script>
const source = URL.createObjectURL(new Blob(["postMessage(1); const end = Date.now() + 3000; while (Date.now() < end);"]));
const makers = [Worker, Worker.prototype.constructor, class extends Worker {}, (...values) => Reflect.construct(Worker, values)];
const tried = { started: 0, errors: [], afterEnd: 0 };
const kept = [];
for (let i = 0; i < 400; i++) {
  const make = makers[i % 4];
  try { kept.push(i % 4 === 3 ? make(source) : new make(source)); tried.started++; }
  catch (error) { if (!tried.errors.includes(error.message)) tried.errors.push(error.message); }
}
kept[0].terminate(); kept[0].terminate(); kept[1].terminate();
for (let i = 0; i < 9; i++) try { new Worker(source); tried.afterEnd++; } catch {}
const out = document.getElementById("out");
out.textContent = JSON.stringify(tried);
out.dataset.done = "yes";
</script>`;

/** Fills the heap of JavaScript, until the browser ends the frame's process. */
export const HEAP = `<!doctype html>
<title>heap</title><h1>heap</h1>
<script>setTimeout(() => { const kept = []; for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i }))); }, 100);</script>`;
