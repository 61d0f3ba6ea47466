import { runTexts } from "../texts";
import { consoleText } from "./consoleText";
import { isolate } from "./isolate";
import { offerLoopGuard } from "./loopGuard";
import { memoryStorage } from "./memoryStorage";
import {
  type AppError,
  type FromFrame,
  INIT,
  type Init,
  LEVELS,
  MESSAGE_LIMITS,
  OWN_MODULE,
  type Program,
  RateLimit,
  type ToFrame,
  WARM,
  type Warm,
} from "./messages";
import { SharedState } from "./sharedState";

/*
 * Runs inside the frame of an app, before any code of the app. The frame has an opaque origin by the header of its
 * document. This script is a classic script without imports, since the frame loads it with one request.
 */

/** The part of the message limit that console, errors and notices may use. State and pongs use the rest. */
const REPORTS_PER_SECOND = 35;
/** Stacks and texts are cut here, so that the page does not drop or cut the message. */
const TEXT_UNITS_MAX = MESSAGE_LIMITS.units / 2;

/** A moved frame gets its new size within this time, in milliseconds. After it, the app starts in any case. */
const SIZE_MS = 500;
/** The packages that show the component of a module. */
const RENDERER = ["react", "react-dom/client"] as const;

/** Whether the frame has the import map of the server's packages before it has an app. */
let isWarm = false;

const onMessage = (event: MessageEvent): void => {
  if (event.source !== window.parent) return;
  const message = event.data as Init | Warm | null;
  const port = event.ports[0];
  if (message?.type === WARM && !isWarm) warm(message);
  if (message?.type !== INIT || port === undefined) return;
  window.removeEventListener("message", onMessage);
  new Run(message, port).start();
};
window.addEventListener("message", onMessage);

/** Loads packages. The app that follows imports them again, and then reports a package that did not load. */
function warm({ imports, integrity, load: packages }: Warm): void {
  isWarm = true;
  addImportMap({ imports, integrity });
  loadAhead(packages);
}

function loadAhead(packages: readonly string[]): void {
  for (const name of packages) void load(name).catch(() => undefined);
}

const later = window.setTimeout.bind(window);

class Run {
  readonly #reports = new RateLimit(REPORTS_PER_SECOND, performance.now());
  readonly #state: SharedState;
  /** The addresses of the app's modules by their names. */
  readonly #modules: ReadonlyMap<string, string>;
  #errors = 0;

  constructor(
    private readonly init: Init,
    private readonly port: MessagePort,
  ) {
    this.#modules = modulesOf(init.program);
    this.#state = new SharedState(init.state, {
      send: (key, json) => this.#send({ type: "state", key, json }),
      now: () => performance.now(),
      later: (action, millis) => void later(action, millis),
      canEdit: init.viewer.canEdit,
      onError: (error) => this.#report(error, "runtime"),
    });
  }

  start(): void {
    this.port.onmessage = ({ data }: MessageEvent<ToFrame>) => {
      if (data.type === "ping") this.#send({ type: "pong", id: data.id });
      else if (data.type === "state") this.#state.receive(data.key, data.json);
    };
    // The text becomes part of a script element, which "</script" would end.
    isolate(window, String(isolate).replaceAll("</script", "<\\/script"));
    offerLoopGuard();
    this.#replaceStorage();
    this.#wrapConsole();
    this.#offerApi();
    this.#listen();
    const { program, width } = this.init;
    if (!isWarm) addImportMap(withOwn(program, this.#modules));
    this.#send({ type: "ready" });
    const run = (): void => {
      if (program.kind === "module") void this.#runModule();
      else this.#writeDocument();
    };
    if (program.kind === "module") loadAhead(RENDERER.filter((name) => name in program.imports));
    // A frame that was loaded out of view has no size yet. An app may read its size only at its start.
    if (width > 0 && window.innerWidth === 0) afterResize(run);
    else run();
  }

  #send(message: FromFrame): void {
    this.port.postMessage(message);
  }

  #sendReport(message: FromFrame): void {
    if (this.#reports.take(performance.now())) this.#send(message);
  }

  get #entry() {
    return this.init.program.files[0] ?? { name: "App", code: "" };
  }

  #replaceStorage(): void {
    for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { value: memoryStorage(), configurable: false });
    Object.defineProperty(document, "cookie", { get: () => "", set: () => undefined });
  }

  #wrapConsole(): void {
    const { console } = window;
    for (const level of LEVELS) {
      const original = console[level].bind(console);
      console[level] = (...values: unknown[]) => {
        original(...values);
        this.#sendReport({ type: "console", level, text: consoleText(values, TEXT_UNITS_MAX) });
      };
    }
  }

  #offerApi(): void {
    const { env, viewer } = this.init;
    const state = this.#state;
    const api = Object.freeze({
      env: Object.freeze({ ...env }),
      viewer: Object.freeze({ ...viewer }),
      state: Object.freeze({
        get: (key: string) => state.get(key),
        set: (key: string, value: unknown) => state.set(key, value),
        subscribe: (key: string, listener: (value: unknown) => void) => state.subscribe(key, listener),
      }),
    });
    Object.defineProperty(window, "parlor", { value: api, enumerable: true });
  }

  /** Adds the listeners for errors, blocked requests and links. It is called again after `document.open`. */
  #listen(): void {
    window.addEventListener("error", (event) => {
      if (event instanceof ErrorEvent) this.#reportEvent(event);
    });
    window.addEventListener("unhandledrejection", (event) => this.#report(event.reason, "promise"));
    document.addEventListener("securitypolicyviolation", (event) => {
      const url = event.blockedURI || event.effectiveDirective;
      this.#sendReport({ type: "blocked", url: url.slice(0, 2_000) });
    });
    document.addEventListener("click", (event) => this.#holdLink(event), { capture: true });
  }

  /** A link of another page does not open in the frame. The page shows the address and asks. */
  #holdLink(event: MouseEvent): void {
    const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
    if (link === undefined || link.getAttribute("href") === null || link.hasAttribute("download")) return;
    const target = link.getAttribute("href") ?? "";
    if (target.startsWith("#") || /^(javascript|blob|data):/i.test(target)) return;
    event.preventDefault();
    this.#sendReport({ type: "link", url: link.href.slice(0, 2_000) });
  }

  #reportEvent(event: ErrorEvent): void {
    const place = this.#placeIn(event.error?.stack);
    // Lines of a written page are not reported: browsers count them from the start of each script element.
    const module = this.init.program.files.find(({ name }) => name === event.filename);
    const inModule = module !== undefined;
    this.#sendError({
      kind: "runtime",
      file: place?.file ?? module?.name ?? this.#entry.name,
      line: place?.line ?? (inModule ? event.lineno : null),
      column: place?.column ?? (inModule ? event.colno : null),
      message: event.message.replace(/^Uncaught /, ""),
      stack: stackOf(event.error),
    });
  }

  #report(reason: unknown, kind: AppError["kind"]): void {
    const place = this.#placeIn(reason instanceof Error ? reason.stack : "");
    this.#sendError({
      kind,
      file: place?.file ?? this.#entry.name,
      line: place?.line ?? null,
      column: place?.column ?? null,
      message: consoleText([reason], 2_000),
      stack: stackOf(reason),
    });
  }

  #sendError(error: Omit<AppError, "type" | "file"> & { readonly file?: string }): void {
    this.#errors += 1;
    this.#sendReport({ type: "error", file: this.#entry.name, ...error });
  }

  /** The first place of one of the app's files in a stack. */
  #placeIn(stack: unknown): Place | null {
    const places = this.init.program.files.flatMap(({ name }) => placeIn(stack, name) ?? []);
    return places.sort((a, b) => a.at - b.at)[0] ?? null;
  }

  #writeDocument(): void {
    const { kind } = this.init.program;
    const { code } = this.#entry;
    document.open();
    this.#listen();
    document.write(
      kind === "svg"
        ? `<!doctype html><style>html,body{height:100%;margin:0}body{display:grid;place-items:center}svg{max-width:100%;max-height:100%}</style>${code}`
        : code,
    );
    document.close();
    this.#sendRendered();
  }

  #sendRendered(): void {
    const send = (): void => this.#send({ type: "rendered" });
    window.setTimeout(() => requestAnimationFrame(() => send()), 0);
  }

  async #runModule(): Promise<void> {
    const root = document.getElementById("root") ?? document.createElement("div");
    root.id = "root";
    document.body.append(root);
    const url = this.#modules.get(this.#entry.name) ?? "";
    try {
      if (!(await loadScript(url))) {
        if (this.#errors === 0)
          this.#sendError({
            kind: "load",
            line: null,
            column: null,
            message: runTexts.filePackageAppCouldNot,
            stack: "",
          });
        return;
      }
      const app = (await load(url)) as { readonly default?: unknown };
      await this.#mount(app.default, root);
    } catch (error) {
      if (this.#errors === 0) this.#report(error, "load");
    }
  }

  async #mount(component: unknown, root: Element): Promise<void> {
    if (typeof component !== "function" && typeof component !== "object") {
      if (root.childElementCount === 0 && document.body.childElementCount < 2)
        this.#sendError({
          kind: "export",
          line: null,
          column: null,
          message: runTexts.exportsNoComponentWriteExport(this.#entry.name),
          stack: "",
        });
      else this.#sendRendered();
      return;
    }
    const [{ createElement }, { createRoot }] = (await Promise.all([
      load(RENDERER[0]),
      load(RENDERER[1]),
    ])) as [
      { createElement: (type: unknown) => unknown },
      { createRoot: (at: Element) => { render: (element: unknown) => void } },
    ];
    createRoot(root).render(createElement(component));
    this.#sendRendered();
  }
}

/** The files that are modules. The first file of a page or drawing is no module. */
function modulesOf({ kind, files }: Program): ReadonlyMap<string, string> {
  const modules = kind === "module" ? files : files.slice(1);
  return new Map(modules.map(({ name, code }) => [name, blobUrl(`${code}\n//# sourceURL=${name}`)]));
}

type ImportMap = Pick<Program, "imports" | "integrity">;

/** The import map of a program with its own modules and the replacements of packages. */
function withOwn({ imports, integrity, stubs }: Program, modules: ReadonlyMap<string, string>): ImportMap {
  const own = Object.fromEntries([
    ...Object.entries(stubs).map(([name, code]) => [name, blobUrl(code)]),
    ...[...modules].map(([name, url]) => [`${OWN_MODULE}${name}`, url]),
  ]);
  return { imports: { ...imports, ...own }, integrity };
}

function addImportMap(map: ImportMap): void {
  const script = document.createElement("script");
  script.type = "importmap";
  script.textContent = JSON.stringify(map);
  document.head.append(script);
}

function afterResize(action: () => void): void {
  let waiting = true;
  const once = (): void => {
    if (waiting) action();
    waiting = false;
  };
  window.addEventListener("resize", once, { once: true });
  later(once, SIZE_MS);
}

const blobUrl = (code: string): string => URL.createObjectURL(new Blob([code], { type: "text/javascript" }));

const load = (specifier: string): Promise<unknown> => import(/* @vite-ignore */ specifier);

/**
 * Loads a module by an element, since the browser then reports a syntax error with its line. Returns false if the
 * module or a module that it imports did not load.
 */
function loadScript(url: string): Promise<boolean> {
  const script = document.createElement("script");
  script.type = "module";
  script.src = url;
  return new Promise((resolve) => {
    script.onload = () => resolve(true);
    script.onerror = () => resolve(false);
    document.head.append(script);
  });
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? "").slice(0, TEXT_UNITS_MAX) : "";

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where the stack has the place. */
  readonly at: number;
}

/** The first place of a file in a stack, in the form `App.jsx:14:5`. */
function placeIn(stack: unknown, file: string): Place | null {
  if (typeof stack !== "string") return null;
  for (let at = stack.indexOf(`${file}:`); at >= 0; at = stack.indexOf(`${file}:`, at + 1)) {
    const found = /^:(\d+):(\d+)/.exec(stack.slice(at + file.length));
    // `Card.jsx` is no place of `d.jsx`.
    if (found === null || /[\w.-]/.test(stack.charAt(at - 1))) continue;
    return { file, line: Number(found[1]), column: Number(found[2]), at };
  }
  return null;
}
