import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { type FromFrame, INIT, type Init, type Program, type Viewer } from "../../run/messages";
import { appTexts } from "../../texts";
import { useFocusGuard } from "./focusGuard";
import { guarded } from "./loopGuards";
import { keepVerdict, SHARED_ADDRESS, usePreviewAddress } from "./previewHost";
import { PING_EVERY_MS, RunLink } from "./runLink";
import { moveFrame, newFrame, takeSpareFrame } from "./spareFrame";
import { StartWatch } from "./startWatch";

export type RunFrameProps = {
  /** The id of the window, from which the host of the frame is made. */
  readonly window: string;
  readonly title: string;
  readonly program: Program;
  readonly viewer: Viewer;
  /** Whether the server, which has the document of the frame, cannot be reached. */
  readonly offline: boolean;
  /** The shared state: JSON by key. */
  readonly state: Readonly<Record<string, string>>;
  readonly onMessage: (message: FromFrame) => void;
  readonly onSilent: (silent: boolean) => void;
  readonly onDropped: (count: number) => void;
  /** Called when the frame shows another document than the app, which answers no pings. */
  readonly onLeft: () => void;
  /** Called when the app's messages would slow the room down. */
  readonly onFlood: () => void;
  /** Called when the app takes the keyboard focus again and again from a person who uses the room. */
  readonly onTheft: () => void;
};

/** How often the frame loads while the app stays on its page: writing a document is a separate load. */
const loadsOf = ({ kind }: Program): number => (kind === "module" ? 1 : 2);

/**
 * Runs one program in its own frame, on its own host if the browser reaches that host. A new program needs a new
 * `key`. An app that has started runs on without the server. Before its start a frame without the server would show the
 * browser's error page, so a sentence stands in its place until the server can be reached.
 */
export function RunFrame(props: RunFrameProps) {
  const preferred = usePreviewAddress(props.window);
  const [failed, setFailed] = useState(false);
  const [started, setStarted] = useState(false);
  const address = failed ? SHARED_ADDRESS : preferred;
  const isUnavailable = props.offline && !started;
  const { onSilent } = props;
  useEffect(() => {
    if (!isUnavailable) return;
    // The frame failed because of the connection, which says nothing about its host or its app.
    setFailed(false);
    onSilent(false);
  }, [isUnavailable, onSilent]);
  if (isUnavailable) return <p className="p-empty">{appTexts.appNotAvailableOffline}</p>;
  if (address === null) return null;
  return (
    <LoadedFrame
      key={address}
      {...props}
      address={address}
      onUnreachable={() => setFailed(true)}
      onReady={() => {
        setStarted(true);
        if (address !== SHARED_ADDRESS) keepVerdict(true);
        else if (failed) keepVerdict(false);
      }}
    />
  );
}

type LoadedProps = RunFrameProps & {
  readonly address: string;
  /** Called when the frame on its own host has not started in time. */
  readonly onUnreachable: () => void;
  readonly onReady: () => void;
};

function LoadedFrame(props: LoadedProps) {
  const latest = useRef(props);
  latest.current = props;
  const link = useRef<RunLink | null>(null);
  const sentState = useRef<Readonly<Record<string, string>>>({});
  const loads = useRef(0);
  const place = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  useFocusGuard(frame, props.onTheft);
  const watch = useRef(new StartWatch(performance.now()));

  useEffect(() => {
    const timer = setInterval(() => {
      const isOwnHost = latest.current.address !== SHARED_ADDRESS;
      if (isOwnHost && watch.current.isLate(performance.now())) latest.current.onUnreachable();
      else link.current?.tick();
    }, PING_EVERY_MS);
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

  const start = async (element: HTMLIFrameElement): Promise<void> => {
    loads.current += 1;
    if (loads.current > 1) return;
    watch.current.loaded(performance.now());
    const { program, address } = latest.current;
    const started = address === SHARED_ADDRESS ? await guarded(program) : program;
    if (!element.isConnected) return;
    const { viewer, state: current } = latest.current;
    const { port1, port2 } = new MessageChannel();
    sentState.current = current;
    link.current = new RunLink(
      port1,
      {
        onMessage: (message) => {
          if (message.type === "ready") {
            watch.current.started();
            latest.current.onReady();
          }
          latest.current.onMessage(message);
        },
        onSilent: (silent) => {
          if (silent && loads.current > loadsOf(program)) latest.current.onLeft();
          else latest.current.onSilent(silent);
        },
        onDropped: (count) => latest.current.onDropped(count),
        onFlood: () => latest.current.onFlood(),
      },
      () => performance.now(),
    );
    const width = element.clientWidth;
    const init: Init = { type: INIT, program: started, env: {}, viewer, state: current, width };
    // The frame has an opaque origin, which no target origin names.
    element.contentWindow?.postMessage(init, "*", [port2]);
    link.current.tick();
  };

  const starting = useRef(start);
  starting.current = start;

  // React would make a new element. A spare frame is moved here with the document that it has loaded.
  useLayoutEffect(() => {
    const to = place.current;
    if (to === null) return;
    const { address, program } = latest.current;
    const spare = address === SHARED_ADDRESS ? null : takeSpareFrame(program);
    const element = spare?.element ?? newFrame(address);
    frame.current = element;
    element.addEventListener("load", () => void starting.current(element));
    if (spare === null) to.append(element);
    else moveFrame(element, to);
    if (spare?.loaded) void starting.current(element);
    return () => {
      element.remove();
      frame.current = null;
    };
  }, []);

  const { title } = props;
  useLayoutEffect(() => {
    if (frame.current !== null) frame.current.title = title;
  }, [title]);

  return <div ref={place} className="app-frame-place" />;
}
