import { useEffect, useRef } from "react";
import { type FromFrame, INIT, type Init, type Program, type Viewer } from "../../run/messages";
import { PING_EVERY_MS, RunLink } from "./runLink";

/** The document of the frame. Its header gives it an opaque origin and no network. */
const ADDRESS = "/~run/";
/** The header says the same; the attribute holds if a proxy drops the header. */
const SANDBOX = "allow-scripts allow-forms allow-modals allow-pointer-lock allow-downloads";

export type RunFrameProps = {
  readonly title: string;
  readonly program: Program;
  readonly viewer: Viewer;
  /** The shared state: JSON by key. */
  readonly state: Readonly<Record<string, string>>;
  readonly onMessage: (message: FromFrame) => void;
  readonly onSilent: (silent: boolean) => void;
  readonly onDropped: (count: number) => void;
  /** Called when the frame shows another document than the app, which answers no pings. */
  readonly onLeft: () => void;
};

/** How often the frame loads while the app stays on its page: writing a document is a separate load. */
const loadsOf = ({ kind }: Program): number => (kind === "module" ? 1 : 2);

/** Runs one program in its own frame. A new program needs a new `key`. */
export function RunFrame(props: RunFrameProps) {
  const latest = useRef(props);
  latest.current = props;
  const link = useRef<RunLink | null>(null);
  const sentState = useRef<Readonly<Record<string, string>>>({});
  const loads = useRef(0);

  useEffect(() => {
    const timer = setInterval(() => link.current?.tick(), PING_EVERY_MS);
    return () => {
      clearInterval(timer);
      link.current?.close();
      link.current = null;
    };
  }, []);

  const { state } = props;
  useEffect(() => {
    if (link.current === null) return;
    const before = sentState.current;
    for (const key of new Set([...Object.keys(before), ...Object.keys(state)]))
      if (before[key] !== state[key]) link.current.sendState(key, state[key] ?? null);
    sentState.current = state;
  }, [state]);

  const start = (frame: HTMLIFrameElement): void => {
    loads.current += 1;
    if (loads.current > 1) return;
    const { program, viewer, state: current } = latest.current;
    const { port1, port2 } = new MessageChannel();
    sentState.current = current;
    link.current = new RunLink(
      port1,
      {
        onMessage: (message) => latest.current.onMessage(message),
        onSilent: (silent) => {
          if (silent && loads.current > loadsOf(program)) latest.current.onLeft();
          else latest.current.onSilent(silent);
        },
        onDropped: (count) => latest.current.onDropped(count),
      },
      () => performance.now(),
    );
    const init: Init = { type: INIT, program, env: {}, viewer, state: current };
    // The frame has an opaque origin, which no target origin names.
    frame.contentWindow?.postMessage(init, "*", [port2]);
    link.current.tick();
  };

  return (
    <iframe
      className="app-frame"
      title={props.title}
      src={ADDRESS}
      sandbox={SANDBOX}
      referrerPolicy="no-referrer"
      onLoad={(event) => start(event.currentTarget)}
    />
  );
}
