package dev.parlor.server.images;

import dev.parlor.room.image.RoomImages.ImageInfo;

/**
 * The record of an image of one room.
 *
 * @param bytes the size of the image
 * @param by the identity that uploaded it first
 * @param at the time of the last upload in milliseconds since 1970
 * @param named whether the room's document has named the image. Such an image stays as long as the
 *     room, because the document's history stays too
 */
record ImageRecord(
    String mediaType, int width, int height, long bytes, String by, long at, boolean named) {

  ImageInfo info(String id) {
    return new ImageInfo(id, mediaType, width, height, bytes);
  }

  ImageRecord kept() {
    return new ImageRecord(mediaType, width, height, bytes, by, at, true);
  }

  ImageRecord uploadedAt(long time) {
    return new ImageRecord(mediaType, width, height, bytes, by, time, named);
  }
}
