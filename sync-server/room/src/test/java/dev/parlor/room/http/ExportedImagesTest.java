package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.image.UploadedImage;
import dev.parlor.room.schema.RoomView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The images at the end of an exported file, with a store whose images can disappear. */
class ExportedImagesTest {
  private static final DocumentId ROOM = DocumentId.of(Bytes.wrap(new byte[16]));
  private static final String NOTE =
      "(image:zALtCJe12EFVgLEg6YDxtpba7jPHLRYEojT6aP8rtG3s)"
          + " (image:z2VsQrUtbgRNaGbZLsA1hgkMeAW2s1YcENYmKqVKjSLA2)";

  /** A store of images in memory. */
  private static final class Images implements RoomImages {
    private final Map<String, ImageInfo> infos = new ConcurrentHashMap<>();
    private final Map<String, Bytes> contents = new ConcurrentHashMap<>();

    void put(String id, String content) {
      var bytes = Bytes.utf8(content);
      contents.put(id, bytes);
      infos.put(id, new ImageInfo(id, "image/png", 1, 1, bytes.length()));
    }

    @Override
    public CompletableFuture<Addition> add(
        DocumentId room, String by, UploadedImage image, Quota quota) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Optional<StoredImage>> find(DocumentId room, String id) {
      return CompletableFuture.completedFuture(
          Optional.ofNullable(contents.get(id))
              .map(bytes -> new StoredImage(id, "image/png", 1, 1, bytes)));
    }

    @Override
    public CompletableFuture<Optional<ImageInfo>> info(DocumentId room, String id) {
      return CompletableFuture.completedFuture(Optional.ofNullable(infos.get(id)));
    }

    @Override
    public String idOf(Bytes content) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Boolean> has(DocumentId room, String id) {
      return CompletableFuture.completedFuture(infos.containsKey(id));
    }

    @Override
    public CompletableFuture<Void> copyAll(DocumentId from, DocumentId to) {
      throw new UnsupportedOperationException();
    }
  }

  private final Images images = new Images();
  private final RoomView view =
      RoomView.read(Value.map("notes", Value.map("n", Value.map("text", Value.text(NOTE)))));
  private final List<String> ids = List.copyOf(view.images());

  private Download download() {
    var room = new RoomInfo("slug", ROOM, Optional.empty(), 0, Optional.empty());
    return new ExportedImages(room, images)
        .download(Reply.empty(200), Json.object().put("title", "x"), view);
  }

  private static String written(Download download) throws IOException {
    var out = new ByteArrayOutputStream();
    download.body().writeTo(out);
    assertEquals(download.length(), out.size(), "the announced length");
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  @DisplayName("a file has the announced length, for any number of images and bytes modulo three")
  void lengthIsExact() throws IOException {
    assertEquals(2, ids.size());
    for (var bytes = 0; bytes < 7; bytes++) {
      images.put(ids.getFirst(), "x".repeat(bytes));
      var file = Json.read(written(download()));
      assertEquals("x", file.path("title").asText());
      var first = file.path("images").path(0);
      assertEquals(
          "x".repeat(bytes), new String(first.path("data").binaryValue(), StandardCharsets.UTF_8));
      var second = file.path("images").path(1);
      assertTrue(second.path("leftOut").asText().contains("does not have it"), second.toString());
      assertTrue(!second.has("data") && !second.has("path"), second.toString());
    }
    images.put(ids.getLast(), "abcd");
    var both = Json.read(written(download()));
    assertEquals("YWJjZA==", both.path("images").path(1).path("data").asText());
  }

  @Test
  @DisplayName(
      "a download fails when an image disappears after its length was announced, so that no client"
          + " takes a part for the whole")
  void removedImageFailsTheDownload() {
    images.put(ids.getFirst(), "gone");
    var download = download();
    images.contents.clear();
    var failure = assertThrows(IOException.class, () -> written(download));
    assertTrue(String.valueOf(failure.getMessage()).contains("was removed during the download"));
  }
}
