import { useEffect } from "react";
import { Icon } from "../../icon/Icon";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import { type RoomSession, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { loadingTexts, publishTexts } from "../../texts";
import type { PublishProps } from "../PublishDialog";

/** An app to publish; the dialog's properties without its closing. */
export type AppToPublish = Omit<PublishProps, "onClose">;

const cells = new WeakMap<RoomSession, Cell<AppToPublish | null>>();

function cellIn(room: RoomSession): Cell<AppToPublish | null> {
  let cell = cells.get(room);
  if (cell === undefined) {
    cell = new Cell<AppToPublish | null>(null);
    cells.set(room, cell);
  }
  return cell;
}

const selectAll = <T,>(value: T): T => value;

/** The button that opens the Publish dialog of an app. */
export function PublishButton({ app }: { readonly app: AppToPublish }) {
  const room = useRoom();
  useEffect(() => {
    const cell = cellIn(room);
    const open = cell.get();
    if (open === null || open.appId !== app.appId || open.version !== app.version) return;
    const next = later(open, app);
    if (next !== open) cell.set(next);
  });
  return (
    <button type="button" className="btn btn-s" onClick={() => cellIn(room).set(app)}>
      <span className="app-wide" aria-hidden="true">
        <Icon name="globe" />
      </span>
      {publishTexts.publish}
    </button>
  );
}

/**
 * The app in an open dialog after news of its window. An error of the same code stays known: when the layout changes,
 * the app starts again and has no error at first.
 */
export function later(open: AppToPublish, news: AppToPublish): AppToPublish {
  const isSame =
    open.files.length === news.files.length &&
    open.files.every(({ name, text }, at) => news.files[at]?.name === name && news.files[at]?.text === text);
  if (!isSame) return news;
  return news.hasError === true && open.hasError !== true ? news : open;
}

/** The code of the dialog, with the making of QR codes. */
const dialog = new LazyCode(() => import("../PublishDialog"));

function OpenDialog(props: PublishProps) {
  const room = useRoom();
  const code = useLazyCode(dialog);
  useEffect(() => {
    if (code === "failed") room.notify(loadingTexts.partFailed);
  }, [code, room]);
  return code === null || code === "failed" ? null : <code.PublishDialog {...props} />;
}

/**
 * The Publish dialog of the room, while it is open. It stands beside the layouts of the room, so that it stays open when
 * the layout changes, for example when a phone is turned.
 */
export function RoomPublishDialog() {
  const cell = cellIn(useRoom());
  const app = useSource(cell, selectAll);
  if (app === null) return null;
  return <OpenDialog key={app.appId} {...app} onClose={() => cell.set(null)} />;
}
