package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.relay.tls.TestCertificates;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests WebSockets over TLS, in the cases in which TLS could change the behavior. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TlsSocketsIT {

  private static final DocumentId DOCUMENT = SyncPeer.document(7);

  private static TestCertificates authority;
  private static ServerCertificate certificate;

  @BeforeAll
  static void issue(@TempDir Path folder) throws Exception {
    authority = TestCertificates.in(folder);
    var files = authority.issueFiles("server");
    certificate = ServerCertificate.read(files.certificate(), files.key());
  }

  private static RelayFixture start(Limits limits) {
    return RelayFixture.start(
        new RelayFixture.Setup(SocketTransport.HELIDON).limits(limits).tls(certificate));
  }

  private static SyncPeer peer(RelayFixture relay, String id) throws Exception {
    return new SyncPeer(
        RawClient.connectSecure(relay.url(), authority.trustingContext()).joinAs(id), DOCUMENT);
  }

  @Test
  @DisplayName("changes of one byte and of many TLS records reach the other peer and the store")
  void changesOfAllSizesPass() throws Exception {
    try (var relay = start(Limits.defaults());
        var ada = peer(relay, "ada");
        var bob = peer(relay, "bob")) {
      for (var bytes : new int[] {1, 16_000, 17_000, 3 << 20}) {
        var hash = ada.edit(bytes);
        ada.awaitCommitted();
        bob.sendSync();
        bob.awaitChange(hash);
      }
    }
  }

  @Test
  @DisplayName(
      "[WS7] over TLS, a client that does not read is closed, and other clients are not delayed")
  void slowReaderIsClosed() throws Exception {
    try (var relay = start(Limits.defaults().with(new Limits.Outbox(16, 1 << 20)));
        var ada = peer(relay, "ada");
        var bob = peer(relay, "bob");
        var slow = peer(relay, "slow")) {
      var hash = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(hash);
      slow.sendSync();
      slow.awaitChange(hash);
      // From here on the slow client reads nothing. First the system's buffers for its socket fill
      // up.
      for (var edits = 0; relay.sockets().size() == 3 && edits < 20_000; edits++) {
        var next = ada.edit(20_000);
        bob.awaitChange(next);
        ada.awaitCommitted();
      }
      assertEquals(2, relay.sockets().size());
      assertTrue(relay.metrics().scrape().contains("parlor_outbox_overflows_total 1.0"));
      bob.awaitChange(ada.edit());
    }
  }

  @Test
  @DisplayName("[WS4] over TLS, a connection without any input is closed with its code")
  void silentClientIsClosed() throws Exception {
    try (var relay = start(Limits.defaults().with(new Limits.Liveness(100)));
        var silent =
            RawClient.connectSecure(relay.url(), authority.trustingContext()).joinAs("silent")) {
      assertEquals(CloseCodes.SILENT, silent.awaitClose().code());
    }
  }

  @Test
  @DisplayName("over TLS, frames that are sent in one piece with the upgrade request are read")
  void framesWithTheUpgradeAreRead() throws Exception {
    try (var relay = start(Limits.defaults());
        var client = RawClient.connectSecure(relay.url(), authority.trustingContext())) {
      var join = RawClient.encode(RawClient.BINARY, true, WireCodec.encode(client.join("ada")));
      var ping = RawClient.encode(RawClient.PING, true, Bytes.ofHex("0102"));
      client.write(Bytes.concat(List.of(ping, join)));
      assertInstanceOf(RawClient.Frame.Pong.class, client.read());
      assertInstanceOf(RawClient.Frame.Binary.class, client.read());
    }
  }

  @Test
  @DisplayName(
      "over TLS, the connection of a client that closes TCP without a close frame is released")
  void disconnectedClientIsReleased() throws Exception {
    try (var relay = start(Limits.defaults());
        var ada = peer(relay, "ada");
        var bob = peer(relay, "bob")) {
      ada.edit();
      ada.awaitCommitted();
      bob.client().disconnect(true);
      while (relay.sockets().size() > 1) {
        Thread.onSpinWait();
      }
      ada.edit();
      ada.awaitCommitted();
    }
  }

  @Test
  @DisplayName("[DU6] over TLS, a stop closes sockets with 1012")
  void stopClosesWith1012() throws Exception {
    var relay = start(Limits.defaults());
    try (var ada =
        RawClient.connectSecure(relay.url(), authority.trustingContext()).joinAs("ada")) {
      var closing = Thread.ofVirtual().start(relay::close);
      assertEquals(1012, ada.awaitClose().code());
      closing.join();
    }
  }
}
