package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.SocketTransport;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests frames and messages that the server refuses, drops or never sends. */
@OnEachTransport
class FramesIT {

  private static final int PROTOCOL_ERROR = 1002;

  private final RelayFixture relay;

  FramesIT(SocketTransport transport) {
    this.relay = RelayFixture.start(transport);
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  @Test
  @DisplayName(
      "[WS6] a frame that violates RFC 6455 closes with 1002, and later frames are not read")
  void wrongFrames() throws Exception {
    var ping = RawClient.encode(RawClient.PING, true, Bytes.EMPTY);
    var invalidFrames =
        List.of(
            "8101" + "61", // without a mask
            "c280" + "00000000", // a reserved bit
            "8380" + "00000000", // an undefined opcode
            "0980" + "00000000", // a fragmented ping
            "89fe007e" + "00000000" + "00".repeat(126), // a ping of 126 bytes
            "8080" + "00000000", // a continuation without a first fragment
            "0280" + "00000000" + "8280" + "00000000"); // a new message inside a fragmented one
    for (var frame : invalidFrames) {
      try (var client = RawClient.join(relay.url(), "ada")) {
        client.write(Bytes.concat(List.of(Bytes.ofHex(frame), ping)));
        // The error message and the close arrive, but no pong.
        var error = assertInstanceOf(RawClient.Frame.Binary.class, client.read(), frame);
        assertInstanceOf(
            WireMessage.ErrorMessage.class, WireCodec.decode(error.data()).orElseThrow(), frame);
        var closed = assertInstanceOf(RawClient.Frame.Close.class, client.read(), frame);
        assertEquals(PROTOCOL_ERROR, closed.code(), frame);
      }
    }
  }

  @Test
  @DisplayName("[WS6] a close frame is answered with its own code")
  void closeIsAnswered() throws Exception {
    for (var code : List.of(1000, 1001, 3000, 4999)) {
      try (var client = RawClient.join(relay.url(), "ada")) {
        client.frame(0x8, true, Bytes.wrap(new byte[] {(byte) (code >> 8), (byte) (int) code}));
        assertEquals(code, client.awaitClose().code());
      }
    }
  }

  @Test
  @DisplayName("[WS6] an invalid close frame is answered with 1002")
  void wrongCloses() throws Exception {
    // A one-byte code, reserved or undefined codes, a reason that is not UTF-8.
    for (var payload : List.of("03", "03ec", "03ed", "03ee", "03f7", "0bb7", "1388", "03e8ff")) {
      try (var client = RawClient.join(relay.url(), "ada")) {
        client.frame(0x8, true, Bytes.ofHex(payload));
        assertEquals(PROTOCOL_ERROR, client.awaitClose().code(), payload);
      }
    }
  }

  /** Returns the HTTP status of an upgrade with these headers. */
  private int status(String method, String... headers) throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
      socket.setSoTimeout(10_000);
      var request =
          method
              + " /sync HTTP/1.1\r\nHost: 127.0.0.1\r\n"
              + String.join("\r\n", headers)
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      var line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
      return Integer.parseInt(line.substring(9));
    }
  }

  @Test
  @DisplayName("[WS6] an upgrade with a missing header or another version is refused")
  void wrongUpgrades() throws Exception {
    var upgrade = "Upgrade: websocket";
    var connection = "Connection: Upgrade";
    var version = "Sec-WebSocket-Version: 13";
    var key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    assertEquals(101, status("GET", upgrade, connection, version, key));
    assertEquals(426, status("GET", upgrade, connection, "Sec-WebSocket-Version: 8", key));
    assertEquals(426, status("GET", upgrade, connection, key));
    assertEquals(400, status("GET", upgrade, connection, version));
    assertEquals(400, status("GET", upgrade, connection, version, "Sec-WebSocket-Key: c2hvcnQ="));
    assertNotEquals(101, status("GET", upgrade, version, key));
    assertNotEquals(101, status("GET", connection, version, key));
    assertEquals(405, status("POST", upgrade, connection, version, key, "Content-Length: 0"));
    assertEquals(0, relay.sockets().size());
  }

  @Test
  @DisplayName(
      "[HS5] an ephemeral message in another sender's name is dropped; its sender stays connected")
  void ephemeralOfAnotherSender() throws Exception {
    var document = SyncPeer.document(1);
    try (var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document);
        var cem = new SyncPeer(relay.url(), "cem", document)) {
      var hash = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(hash);
      cem.sendSync();
      cem.awaitChange(hash);
      bob.client().send(cem.ephemeral(1, Bytes.ofHex("01")));
      bob.client().send(bob.ephemeral(1, Bytes.ofHex("02")));
      var received = assertInstanceOf(WireMessage.Ephemeral.class, ada.receive());
      assertEquals(bob.client().id(), received.senderId());
      assertEquals(Bytes.ofHex("02"), received.data());
    }
  }

  @Test
  @DisplayName("[SY1] the server sends nothing about documents that the peer did not request")
  void announcesNothing() throws Exception {
    try (var writer = new SyncPeer(relay.url(), "writer", SyncPeer.document(1));
        var silent = RawClient.join(relay.url(), "silent")) {
      writer.edit();
      writer.awaitCommitted();
      silent.frame(RawClient.PING, true, Bytes.utf8("first"));
      assertEquals(new RawClient.Frame.Pong(Bytes.utf8("first")), silent.read());
    }
  }

  @Test
  @DisplayName("[EP4] an ephemeral message above 8 KiB is dropped; its sender stays connected")
  void largeEphemeral() throws Exception {
    var document = SyncPeer.document(1);
    try (var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document)) {
      var hash = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(hash);
      bob.client().send(bob.ephemeral(1, Bytes.wrap(new byte[8_193])));
      bob.client().send(bob.ephemeral(2, Bytes.wrap(new byte[8_192])));
      var received = assertInstanceOf(WireMessage.Ephemeral.class, ada.receive());
      assertEquals(2, received.count());
      assertEquals(8_192, received.data().length());
    }
  }

  @Test
  @DisplayName(
      "[EP3] an ephemeral message of a peer that has not opened the document reaches no peer")
  void ephemeralWithoutTheDocument() throws Exception {
    var document = SyncPeer.document(1);
    try (var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document);
        var outsider = new SyncPeer(relay.url(), "outsider", document)) {
      var hash = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(hash);
      outsider.client().send(outsider.ephemeral(1, Bytes.ofHex("01")));
      outsider.client().frame(RawClient.PING, true, Bytes.EMPTY);
      assertInstanceOf(RawClient.Frame.Pong.class, outsider.client().read());
      bob.client().send(bob.ephemeral(1, Bytes.ofHex("02")));
      var received = assertInstanceOf(WireMessage.Ephemeral.class, ada.receive());
      assertEquals(bob.client().id(), received.senderId());
    }
  }
}
