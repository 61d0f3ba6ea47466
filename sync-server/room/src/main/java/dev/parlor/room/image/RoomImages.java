package dev.parlor.room.image;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The stored images of rooms. An image belongs to each room that has it; an id alone shows nothing.
 * Safe from any thread. Every future fails with an {@link java.io.IOException} if the disk refuses.
 */
public interface RoomImages {

  /** A store that keeps nothing. */
  RoomImages NONE =
      new RoomImages() {
        @Override
        public CompletableFuture<Addition> add(
            DocumentId room, String by, UploadedImage image, Quota quota) {
          return CompletableFuture.completedFuture(
              new Addition.Full("this server stores no images"));
        }

        @Override
        public CompletableFuture<Optional<StoredImage>> find(DocumentId room, String id) {
          return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public CompletableFuture<Optional<ImageInfo>> info(DocumentId room, String id) {
          return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public String idOf(Bytes content) {
          return "";
        }

        @Override
        public CompletableFuture<Boolean> has(DocumentId room, String id) {
          return CompletableFuture.completedFuture(false);
        }

        @Override
        public CompletableFuture<Void> copyAll(DocumentId from, DocumentId to) {
          return CompletableFuture.completedFuture(null);
        }
      };

  /**
   * The most that a room keeps.
   *
   * @param imagesMax images of the room
   * @param bytesMax bytes of the room's images
   * @param imagesOfPersonMax images of one person in the room
   * @param bytesOfPersonMax bytes of one person's images in the room
   */
  record Quota(int imagesMax, long bytesMax, int imagesOfPersonMax, long bytesOfPersonMax) {}

  /**
   * A stored image.
   *
   * @param id the id of its bytes
   */
  record StoredImage(String id, String mediaType, int width, int height, Bytes content) {}

  /**
   * A stored image without its bytes.
   *
   * @param bytes the number of its bytes
   */
  record ImageInfo(String id, String mediaType, int width, int height, long bytes) {}

  /** The outcome of storing an image. */
  sealed interface Addition {
    /**
     * The image is on disk.
     *
     * @param isNew whether the room did not have it before
     */
    record Stored(String id, boolean isNew) implements Addition {}

    /**
     * The image is beyond the quota; nothing was stored.
     *
     * @param reason a sentence
     */
    record Full(String reason) implements Addition {}
  }

  /**
   * Stores an image for a room.
   *
   * @param by the person that uploads it
   */
  CompletableFuture<Addition> add(DocumentId room, String by, UploadedImage image, Quota quota);

  /** An image of this room; empty if the room does not have it. */
  CompletableFuture<Optional<StoredImage>> find(DocumentId room, String id);

  /** As {@link #find}, without reading the bytes. */
  CompletableFuture<Optional<ImageInfo>> info(DocumentId room, String id);

  /** The id of the bytes of a cleaned image. */
  String idOf(Bytes content);

  /** Whether the room has the image. */
  CompletableFuture<Boolean> has(DocumentId room, String id);

  /** Gives the images of a room to a copy of it. The bytes are not copied. */
  CompletableFuture<Void> copyAll(DocumentId from, DocumentId to);
}
