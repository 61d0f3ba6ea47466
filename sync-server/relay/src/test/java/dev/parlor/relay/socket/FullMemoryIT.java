package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.CloseCodes;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests what the server accepts over real sockets while the heap is full. A flag simulates the full
 * heap.
 */
@OnEachTransport
class FullMemoryIT {

  private static final DocumentId DOCUMENT = SyncPeer.document(31);
  private static final DocumentId OTHER_DOCUMENT = SyncPeer.document(32);

  /** The bytes of partial messages above which a connection is closed while the heap is full. */
  private static final int HELD_BYTES_MAX = Limits.defaults().memory().heldBytesMax();

  private final SocketTransport transport;
  private final AtomicBoolean heapIsFull = new AtomicBoolean();

  FullMemoryIT(SocketTransport transport) {
    this.transport = transport;
  }

  private RelayFixture startRelay() {
    return RelayFixture.start(new RelayFixture.Setup(transport).memoryIsFull(heapIsFull::get));
  }

  private static void assertClosedForMemory(RawClient client) throws IOException {
    var close = client.awaitClose();
    assertEquals(CloseCodes.OVERLOAD, close.code());
    assertTrue(close.reason().startsWith("[memory] "), close.reason());
  }

  @Test
  @DisplayName(
      "with a full heap, a change closes the connection with 1013; its author keeps the change and"
          + " sends it later")
  void changesAreRefused() throws Exception {
    try (var relay = startRelay();
        var author = new SyncPeer(relay.url(), "author", DOCUMENT)) {
      author.edit();
      author.awaitCommitted();
      heapIsFull.set(true);
      author.edit();
      assertClosedForMemory(author.client());
      heapIsFull.set(false);
      try (var reconnected = RawClient.join(relay.url(), "author")) {
        author.moveTo(reconnected);
        author.sendSync();
        author.awaitCommitted();
        assertEquals(2, author.size());
      }
    }
  }

  @Test
  @DisplayName(
      "with a full heap, an open document can be read; other documents and upgrades are refused")
  void openDocumentsCanBeRead() throws Exception {
    try (var relay = startRelay();
        var author = new SyncPeer(relay.url(), "author", DOCUMENT);
        var reader = new SyncPeer(relay.url(), "reader", DOCUMENT);
        var otherReader = new SyncPeer(relay.url(), "other-reader", OTHER_DOCUMENT)) {
      var hash = author.edit();
      author.awaitCommitted();
      heapIsFull.set(true);
      reader.sendSync();
      reader.awaitChange(hash);
      otherReader.sendSync();
      assertClosedForMemory(otherReader.client());
      try (var newClient = RawClient.connect(relay.url())) {
        assertEquals(503, newClient.status());
        assertTrue(
            newClient.head().toLowerCase(java.util.Locale.ROOT).contains("\r\nretry-after: "));
      }
    }
  }

  @Test
  @DisplayName(
      "with a full heap, idle clients with a large partial message are closed, but not with a small one")
  void largePartialMessagesCloseTheConnection() throws Exception {
    try (var relay = startRelay();
        var largeFrame = RawClient.join(relay.url(), "large-frame");
        var smallFrame = RawClient.join(relay.url(), "small-frame");
        var fragment = RawClient.join(relay.url(), "fragment")) {
      var frame =
          RawClient.encode(RawClient.BINARY, true, Bytes.wrap(new byte[4 * HELD_BYTES_MAX]));
      largeFrame.write(frame.slice(0, 3 * HELD_BYTES_MAX));
      smallFrame.write(frame.slice(0, HELD_BYTES_MAX / 4));
      fragment.frame(RawClient.BINARY, false, Bytes.wrap(new byte[2 * HELD_BYTES_MAX]));
      heapIsFull.set(true);
      assertClosedForMemory(largeFrame);
      assertClosedForMemory(fragment);
      heapIsFull.set(false);
      // A frame of zeros is no valid message, so the relay closes with another code.
      smallFrame.write(frame.slice(HELD_BYTES_MAX / 4, frame.length() - HELD_BYTES_MAX / 4));
      assertNotEquals(
          CloseCodes.OVERLOAD,
          smallFrame.awaitClose().code(),
          "the relay still reads a client with a small partial frame");
    }
  }
}
