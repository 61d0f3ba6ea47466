import { Icon } from "../../icon/Icon";
import { useSource } from "../../room";
import { LIMITS } from "../../room/schema/document";
import { imageTexts } from "../../texts";
import type { Upload, Uploads } from "./uploads";
import "./images.css";

const selectAll = <T,>(value: T): T => value;

export const useUploads = (uploads: Uploads): readonly Upload[] => useSource(uploads.all, selectAll);

/** The images that go with the next message or question: progress, problem, description, remove. */
export function PendingImages({ uploads }: { readonly uploads: Uploads }) {
  const all = useUploads(uploads);
  if (all.length === 0) return null;
  return (
    <ul className="image-pending" aria-label={imageTexts.pending}>
      {all.map((upload) => (
        <Pending key={upload.key} upload={upload} uploads={uploads} />
      ))}
    </ul>
  );
}

function Pending({ upload, uploads }: { readonly upload: Upload; readonly uploads: Uploads }) {
  const { key, name, alt, url, state } = upload;
  return (
    <li data-state={state.kind}>
      <img src={url} alt="" />
      <span className="image-about">
        <input
          dir="auto"
          type="text"
          value={alt}
          maxLength={LIMITS.alt}
          placeholder={imageTexts.describe}
          aria-label={imageTexts.descriptionOf(name)}
          onChange={(event) => uploads.describe(key, event.target.value)}
        />
        {state.kind === "sending" && <progress value={state.part} aria-label={imageTexts.progressOf(name)} />}
        {state.kind === "waiting" && <span role="status">{imageTexts.waits}</span>}
        {state.kind === "failed" && <span role="alert">{state.problem}</span>}
      </span>
      {state.kind === "failed" && (
        <button type="button" className="p-link" onClick={() => uploads.retry(key)}>
          {imageTexts.tryAgain}
        </button>
      )}
      <button
        type="button"
        className="p-icon"
        aria-label={imageTexts.removePending(name)}
        onClick={() => uploads.remove(key)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
