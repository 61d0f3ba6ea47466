import { Dialog } from "radix-ui";
import { Icon } from "../../icon/Icon";
import { imageTexts } from "../../texts";
import { useImageUrl } from "./imageUrls";
import "./images.css";

export type RoomImageProps = {
  readonly id: string;
  /** Words that describe the image; empty if nobody has written any. */
  readonly alt: string;
};

/** An image of the room. A click shows it large. */
export function RoomImage({ id, alt }: RoomImageProps) {
  const [state, reload] = useImageUrl(id);
  const name = alt === "" ? imageTexts.undescribed : alt;
  if (state.kind === "failed")
    return (
      <p className="image-failed" data-image={id}>
        <Icon name="image" />
        <span>{imageTexts.notShown(name)}</span>
        <button type="button" className="p-link" onClick={reload}>
          {imageTexts.loadAgain}
        </button>
      </p>
    );
  if (state.kind === "loading")
    return (
      <span className="image-loading" role="img" aria-label={imageTexts.loading(name)} data-image={id} />
    );
  return (
    <Dialog.Root>
      <Dialog.Trigger className="image-small" aria-label={imageTexts.enlarge(name)} data-image={id}>
        <img src={state.url} alt={name} draggable={false} />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="image-large" aria-describedby={undefined}>
          <Dialog.Title className="unseen">{name}</Dialog.Title>
          <img src={state.url} alt={name} />
          <p dir="auto">{name}</p>
          <Dialog.Close className="p-icon" aria-label={imageTexts.close}>
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
