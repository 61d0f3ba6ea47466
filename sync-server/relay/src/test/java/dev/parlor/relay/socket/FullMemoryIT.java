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
  private static final int HELD_BYTES_MAX = Limits.defaults().memory().heldBytesMax();

  private final AtomicBoolean full = new AtomicBoolean();

  private RelayFixture relay() {
    return RelayFixture.start(new RelayFixture.Setup(transport).memoryIsFull(full::get));
  }

  private static void assertClosedForMemory(RawClient client) throws IOException {
    var close = client.awaitClose();
    assertEquals(CloseCodes.OVERLOAD, close.code());
    assertTrue(close.reason().startsWith("[memory] "), close.reason());
  }

  private final SocketTransport transport;

  FullMemoryIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName(
      "with a full heap, changes close with 1013; their author keeps them and sends them"
          + " later")
  void changes() throws Exception {
    try (var relay = relay();
        var author = new SyncPeer(relay.url(), "author", DOCUMENT)) {
      author.edit();
      author.awaitCommitted();
      full.set(true);
      author.edit();
      assertClosedForMemory(author.client());
      full.set(false);
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
  void reading() throws Exception {
    try (var relay = relay();
        var author = new SyncPeer(relay.url(), "author", DOCUMENT);
        var reader = new SyncPeer(relay.url(), "reader", DOCUMENT);
        var otherReader = new SyncPeer(relay.url(), "other-reader", OTHER_DOCUMENT)) {
      var hash = author.edit();
      author.awaitCommitted();
      full.set(true);
      reader.sendSync();
      reader.awaitChange(hash);
      otherReader.sendSync();
      assertClosedForMemory(otherReader.client());
      try (var late = RawClient.connect(relay.url())) {
        assertEquals(503, late.status());
        assertTrue(late.head().toLowerCase(java.util.Locale.ROOT).contains("\r\nretry-after: "));
      }
    }
  }

  @Test
  @DisplayName("with a full heap, a client with a large partial message is closed, idle or sending")
  void partialMessages() throws Exception {
    try (var relay = relay();
        var partial = RawClient.join(relay.url(), "partial");
        var small = RawClient.join(relay.url(), "small");
        var fragments = RawClient.join(relay.url(), "fragments")) {
      var frame =
          RawClient.encode(RawClient.BINARY, true, Bytes.wrap(new byte[4 * HELD_BYTES_MAX]));
      partial.write(frame.slice(0, 3 * HELD_BYTES_MAX));
      small.write(frame.slice(0, HELD_BYTES_MAX / 4));
      fragments.frame(RawClient.BINARY, false, Bytes.wrap(new byte[2 * HELD_BYTES_MAX]));
      full.set(true);
      assertClosedForMemory(partial);
      assertClosedForMemory(fragments);
      full.set(false);
      small.write(frame.slice(HELD_BYTES_MAX / 4, frame.length() - HELD_BYTES_MAX / 4));
      assertNotEquals(
          CloseCodes.OVERLOAD,
          small.awaitClose().code(),
          "a client with a small part is still read");
    }
  }
}
