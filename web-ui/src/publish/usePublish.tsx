import { type ReactNode, useCallback, useState } from "react";
import { PublishDialog, type PublishProps } from "./PublishDialog";

/** An app to publish; the dialog's properties without its closing. */
export type AppToPublish = Omit<PublishProps, "onClose">;

/**
 * Opens the Publish dialog. `publish(app)` opens it, and `dialog` has to be rendered by the caller; it is null while no
 * dialog is open.
 */
export function usePublish(): { readonly publish: (app: AppToPublish) => void; readonly dialog: ReactNode } {
  const [app, setApp] = useState<AppToPublish | null>(null);
  const publish = useCallback((next: AppToPublish) => setApp(next), []);
  return { publish, dialog: app === null ? null : <PublishDialog {...app} onClose={() => setApp(null)} /> };
}
