package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.image.RoomImages.ImageInfo;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomView;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The images of an exported room, as the last field of its JSON. Each image that the document names
 * has an entry. The bytes of an image stand in {@code data} as base64, up to {@link
 * FixedServiceLimits#FILE_IMAGES_BYTES_MAX} of all images in the order in which the document names
 * them. Other entries say why they have no bytes.
 *
 * <p>The bytes are read and written one image after the other, so a download holds at most one.
 */
final class ExportedImages {
  static final String IMAGES = "images";
  static final String ID = "id";
  static final String DATA = "data";
  private static final String LEFT_OUT = "leftOut";

  private final RoomInfo room;
  private final RoomImages images;

  ExportedImages(RoomInfo room, RoomImages images) {
    this.room = room;
    this.images = images;
  }

  /**
   * A piece of the file.
   *
   * @param text the JSON before the image's bytes
   * @param image the image whose bytes follow, as base64
   */
  private record Piece(Bytes text, Optional<ImageInfo> image) {
    long length() {
      return text.length() + image.map(info -> base64Length(info.bytes())).orElse(0L);
    }
  }

  private static long base64Length(long bytes) {
    return (bytes + 2) / 3 * 4;
  }

  /**
   * The file of a room.
   *
   * @param head status, type and headers of the response
   * @param json the room without its images
   */
  Download download(Reply head, ObjectNode json, RoomView view) {
    var pieces = pieces(json, view);
    var length = pieces.stream().mapToLong(Piece::length).sum();
    return new Download(head, length, out -> write(pieces, out));
  }

  private List<Piece> pieces(ObjectNode json, RoomView view) {
    var pieces = new ArrayList<Piece>();
    var text = new StringBuilder();
    long left = FixedServiceLimits.FILE_IMAGES_BYTES_MAX;
    var leftOut = 0;
    for (var id : view.images()) {
      text.append(text.isEmpty() ? "" : ",");
      var info = ImagesApi.await(images.info(room.documentId(), id));
      if (info.isPresent() && info.get().bytes() <= left) {
        left -= info.get().bytes();
        var entry = Json.string(entry(info.get()).put(DATA, ""));
        text.append(entry, 0, entry.length() - "\"}".length());
        pieces.add(new Piece(Bytes.utf8(text.toString()), info));
        text.setLength(0);
        text.append("\"}");
      } else {
        text.append(Json.string(info.map(this::leftOut).orElseGet(() -> missing(id))));
        leftOut += info.isPresent() ? 1 : 0;
      }
    }
    if (leftOut > 0) {
      json.put("imagesLeftOut", leftOut);
    }
    var file = Json.string(json);
    var before = file.substring(0, file.length() - 1) + ",\"" + IMAGES + "\":[";
    pieces.addFirst(new Piece(Bytes.utf8(before), Optional.empty()));
    pieces.add(new Piece(Bytes.utf8(text + "]}"), Optional.empty()));
    return pieces;
  }

  private static ObjectNode entry(ImageInfo info) {
    return Json.object()
        .put(ID, info.id())
        .put("type", info.mediaType())
        .put("width", info.width())
        .put("height", info.height())
        .put("bytes", info.bytes());
  }

  private ObjectNode leftOut(ImageInfo info) {
    var path = "/api/rooms/" + room.slug() + "/images/" + info.id();
    return entry(info)
        .put(
            LEFT_OUT,
            "a file contains at most "
                + FixedServiceLimits.FILE_IMAGES_BYTES_MAX
                + " bytes of images; download this one with GET "
                + path)
        .put("path", path);
  }

  private static ObjectNode missing(String id) {
    return Json.object()
        .put(ID, id)
        .put(LEFT_OUT, "the room names this image and does not have it");
  }

  private void write(List<Piece> pieces, OutputStream out) throws IOException {
    for (var piece : pieces) {
      piece.text().writeTo(out);
      if (piece.image().isPresent()) {
        write(piece.image().get(), out);
      }
    }
  }

  private void write(ImageInfo info, OutputStream out) throws IOException {
    var image = ImagesApi.await(images.find(room.documentId(), info.id()));
    if (image.isEmpty() || image.get().content().length() != info.bytes()) {
      throw new IOException("image " + info.id() + " was removed during the download");
    }
    var kept =
        new FilterOutputStream(out) {
          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count);
          }

          @Override
          public void close() {
            // The next image follows on the same stream.
          }
        };
    try (var base64 = Base64.getEncoder().wrap(kept)) {
      image.get().content().writeTo(base64);
    }
  }
}
