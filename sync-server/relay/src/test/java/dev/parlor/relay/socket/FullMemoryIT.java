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
 * What the server accepts while the heap is full, over real sockets. A flag stands for the full
 * heap.
 */
@OnEachTransport
class FullMemoryIT {

  private static final DocumentId DOCUMENT = SyncPeer.document(31);
  private static final DocumentId OTHER = SyncPeer.document(32);
  private static final int HELD_MAX = Limits.defaults().memory().heldBytesMax();

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
      "with a full heap, changes are refused with 1013; their author keeps them and sends them"
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
      try (var again = RawClient.join(relay.url(), "author")) {
        author.moveTo(again);
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
        var stranger = new SyncPeer(relay.url(), "stranger", OTHER)) {
      var hash = author.edit();
      author.awaitCommitted();
      full.set(true);
      reader.sendSync();
      reader.awaitChange(hash);
      stranger.sendSync();
      assertClosedForMemory(stranger.client());
      try (var late = RawClient.connect(relay.url())) {
        assertEquals(503, late.status());
        assertTrue(late.head().toLowerCase(java.util.Locale.ROOT).contains("\r\nretry-after: "));
      }
    }
  }

  @Test
  @DisplayName("with a full heap, a client with a large partial message is closed, idle or sending")
  void parts() throws Exception {
    try (var relay = relay();
        var begun = RawClient.join(relay.url(), "begun");
        var little = RawClient.join(relay.url(), "little");
        var fragments = RawClient.join(relay.url(), "fragments")) {
      var whole = RawClient.encode(RawClient.BINARY, true, Bytes.wrap(new byte[4 * HELD_MAX]));
      begun.write(whole.slice(0, 3 * HELD_MAX));
      little.write(whole.slice(0, HELD_MAX / 4));
      fragments.frame(RawClient.BINARY, false, Bytes.wrap(new byte[2 * HELD_MAX]));
      full.set(true);
      assertClosedForMemory(begun);
      assertClosedForMemory(fragments);
      full.set(false);
      little.write(whole.slice(HELD_MAX / 4, whole.length() - HELD_MAX / 4));
      assertNotEquals(
          CloseCodes.OVERLOAD, little.awaitClose().code(), "a client with a small part is still read");
    }
  }
}
