import { useEffect, useState } from "react";
import { withBase } from "../../page/base";
import { useSource } from "../../room";
import { serverApi } from "../../room/api";
import { Cell } from "../../room/store";

/** The path of the document on each host. */
const FRAME_PATH = "/~run/";

/** The document of the frame on the server's own host. Its header gives it an opaque origin and no network. */
export const SHARED_ADDRESS = withBase(FRAME_PATH);

/** The characters of a window's id that are part of the host name. The server allows 3 to 40. */
const LABEL_MAX = 32;
const LABEL_MIN = 3;

/** Whether hosts for previews work in this browser: it must resolve the name and trust its certificate. */
type Verdict = "unknown" | "works" | "fails";
const verdict = new Cell<Verdict>("unknown");

/**
 * The address of the frame for a window on a host that no other window has. A browser runs such a frame in a process of
 * its own, so an endless loop in an app stops neither the room nor another app.
 *
 * @param template the address of published apps, such as `https://{app}--{user}.apps.example/`
 * @returns null on a server without hosts for apps
 */
export function ownAddress(template: string | null, window: string): string | null {
  const found = /^(https?:\/\/)\{app\}--\{user\}\.([a-z0-9.-]+(?::\d+)?)\/$/.exec(template ?? "");
  const label = window
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(-LABEL_MAX);
  return found === null || label.length < LABEL_MIN
    ? null
    : `${found[1]}run-${label}.${found[2]}${FRAME_PATH}`;
}

let template: Promise<string | null> | null = null;

function appsAddress(): Promise<string | null> {
  template ??= serverApi.config().then(
    ({ apps }) => apps?.address ?? null,
    () => {
      template = null;
      return null;
    },
  );
  return template;
}

/** The address of a frame with an own host; null where browsers have none, or do not reach it. */
export const ownPreviewAddress = async (label: string): Promise<string | null> =>
  verdict.get() === "fails" ? null : ownAddress(await appsAddress(), label);

/** The address of the frame for a window's app; null until it is known. */
export function usePreviewAddress(window: string): string | null {
  const [own, setOwn] = useState<string | null>(null);
  const hosts = useSource(verdict, (value) => value);
  useEffect(() => {
    let current = true;
    void appsAddress().then((address) => {
      if (current) setOwn(ownAddress(address, window) ?? SHARED_ADDRESS);
    });
    return () => {
      current = false;
    };
  }, [window]);
  return hosts === "fails" ? SHARED_ADDRESS : own;
}

/** Keeps for this page whether a frame on its own host has started. */
export const keepVerdict = (works: boolean): void => verdict.set(works ? "works" : "fails");
