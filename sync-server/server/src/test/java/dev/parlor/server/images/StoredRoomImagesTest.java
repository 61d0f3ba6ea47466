package dev.parlor.server.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.record.Transactions;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.storage.MemoryRecordStore;
import dev.parlor.room.image.ImageFiles;
import dev.parlor.room.image.RoomImages.Addition;
import dev.parlor.room.image.RoomImages.Quota;
import dev.parlor.room.image.UploadedImage;
import dev.parlor.room.schema.RoomView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The images of rooms in the store of assets, their references, and the sweep. */
class StoredRoomImagesTest {
  private static final Quota QUOTA = new Quota(10, 1 << 20, 10, 1 << 20);
  private static final DocumentId ONE = DocumentId.of(Bytes.wrap(new byte[16]));
  private static final DocumentId TWO =
      DocumentId.of(Bytes.wrap(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));

  private final MemoryRecordStore store = new MemoryRecordStore();
  private Instant now = Instant.parse("2026-11-30T00:00:00Z");
  private final StoredRoomImages images = new StoredRoomImages(store, () -> now);
  private final StoredAssets assets = new StoredAssets(store, new Transactions(store), () -> now);
  private final Map<DocumentId, RoomView> rooms = new HashMap<>();
  private final ImageSweep sweep =
      new ImageSweep(images, room -> Optional.ofNullable(rooms.get(room)), () -> now);

  private static UploadedImage image(int color) {
    return UploadedImage.read(Bytes.wrap(ImageFiles.of("png", 5, 5, color)))
            instanceof UploadedImage.Reading.Clean(var image)
        ? image
        : fail("not clean");
  }

  private String add(DocumentId room, int color) {
    return assertInstanceOf(
            Addition.Stored.class, images.add(room, "ann", image(color), QUOTA).join())
        .id();
  }

  private boolean has(DocumentId room, String id) {
    return images.find(room, id).join().isPresent();
  }

  private void show(DocumentId room, String image) {
    var card = Value.map("type", Value.of("image"), "image", Value.of(image));
    rooms.put(room, RoomView.read(Value.map("cards", Value.map("c", card))));
  }

  private void passDays(int days) {
    now = now.plus(Duration.ofDays(days)).plusSeconds(1);
  }

  @Test
  @DisplayName(
      "[IM2] a sweep keeps an image that the document names, and removes others after a week; the"
          + " bytes stay as long as another room has them")
  void sweepKeepsNamedImages() {
    var named = add(ONE, 1);
    var unnamed = add(ONE, 2);
    assertEquals(unnamed, add(TWO, 2));
    show(ONE, named);
    show(TWO, unnamed);
    passDays(6);
    assertEquals(0, sweep.sweep());
    passDays(1);
    assertEquals(1, sweep.sweep());
    assertEquals(0, assets.sweep());
    assertTrue(has(ONE, named));
    assertFalse(has(ONE, unnamed));
    assertTrue(has(TWO, unnamed));
    // A named image stays when the document no longer names it, since its history does.
    rooms.clear();
    rooms.put(ONE, RoomView.read(Value.map()));
    rooms.put(TWO, RoomView.read(Value.map()));
    passDays(30);
    assertEquals(0, sweep.sweep());
    assertEquals(0, assets.sweep());
    assertTrue(has(ONE, named) && has(TWO, unnamed));
  }

  @Test
  @DisplayName("the bytes of a removed image go, and its place in the quota is free again")
  void removedImagesFreeTheirPlace() {
    var id = add(ONE, 1);
    rooms.put(ONE, RoomView.read(Value.map()));
    passDays(8);
    assertEquals(1, sweep.sweep());
    assertEquals(1, assets.sweep());
    assertTrue(assets.get(new ContentId(id)).join().isEmpty());
    var one = new Quota(1, 1 << 20, 1, 1 << 20);
    assertInstanceOf(Addition.Stored.class, images.add(ONE, "ann", image(3), one).join());
    assertInstanceOf(Addition.Full.class, images.add(ONE, "ann", image(4), one).join());
    assertInstanceOf(Addition.Full.class, images.add(ONE, "ben", image(4), one).join());
    assertTrue(assets.get(ContentId.of(image(4).content())).join().isEmpty());
  }

  @Test
  @DisplayName("an image that is uploaded again before the sweep stays another week")
  void uploadingAgainRenews() {
    var id = add(ONE, 1);
    rooms.put(ONE, RoomView.read(Value.map()));
    passDays(7);
    assertEquals(id, add(ONE, 1));
    assertEquals(0, sweep.sweep());
    passDays(7);
    assertEquals(1, sweep.sweep());
  }

  @Test
  @DisplayName("a copy of a room has its images, and keeps them when the room loses them")
  void copiesHaveTheImages() {
    var id = add(ONE, 1);
    images.copyAll(ONE, TWO).join();
    assertTrue(has(TWO, id));
    rooms.put(ONE, RoomView.read(Value.map()));
    show(TWO, id);
    passDays(8);
    assertEquals(1, sweep.sweep());
    assertEquals(0, assets.sweep());
    assertTrue(has(TWO, id));
    assertFalse(has(ONE, id));
  }

  @Test
  @DisplayName("the images of a room that cannot be read now are kept")
  void unreadableRoomsKeepTheirImages() {
    var id = add(ONE, 1);
    passDays(30);
    assertEquals(0, sweep.sweep());
    assertTrue(has(ONE, id));
  }

  @Test
  @DisplayName("a full disk refuses an image, and no record of it stays")
  void fullDiskLeavesNothing() {
    store.refuseCommits(true);
    var failure =
        assertThrows(
            CompletionException.class, () -> images.add(ONE, "ann", image(1), QUOTA).join());
    assertInstanceOf(IOException.class, failure.getCause());
    store.refuseCommits(false);
    assertFalse(has(ONE, ContentId.of(image(1).content()).text()));
    assertTrue(images.page("", 10).isEmpty());
  }
}
