import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { imageTexts } from "../../texts";
import { IMAGE_TYPES, imagesIn } from "./prepare";
import "./images.css";

type AddImageProps = {
  readonly onFiles: (files: readonly File[]) => void;
  readonly className: string;
  readonly label?: string;
  /** Whether the button shows its label beside the icon. */
  readonly wide?: boolean;
};

/** A button that lets a person choose image files. */
export function AddImage({ onFiles, className, label = imageTexts.add, wide = false }: AddImageProps) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={label}
        title={label}
        onClick={() => field.current?.click()}
      >
        <Icon name="image" />
        {wide && <span>{label}</span>}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        accept={IMAGE_TYPES.join(",")}
        data-images={className}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}

/** Handlers of an element that takes images by paste and drop. They leave everything else alone. */
export function useImageTarget(onFiles: ((files: readonly File[]) => void) | null) {
  const [isOver, setOver] = useState(false);
  if (onFiles === null) return {};
  return {
    "data-image-over": isOver,
    onPaste: (event: ClipboardEvent) => {
      const files = imagesIn(event.clipboardData);
      if (files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    },
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!event.dataTransfer.types.includes("Files")) return;
      // Otherwise the browser leaves the room and opens the file.
      event.preventDefault();
      onFiles(imagesIn(event.dataTransfer));
    },
  };
}
