package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.List;

/** Checks of closing a connection [WS6]. */
final class CloseChecks {

  private CloseChecks() {}

  static List<Check> all() {
    return List.of(
        Check.quick("WS6", "answers a close frame with its code", CloseChecks::echo),
        Check.quick("WS6", "answers a close frame without a code", CloseChecks::withoutCode),
        Check.quick("WS6", "answers a close frame before the join", CloseChecks::beforeTheJoin),
        Check.quick(
            "WS6", "ends the connection after the closing handshake", CloseChecks::endsAfterwards),
        Check.quick("WS6", "ignores all bytes after a close frame", CloseChecks::bytesAfterClose),
        failing("closes on a close frame of one byte", Bytes.ofHex("03")),
        failing(
            "closes on a close code that a client may not send",
            RawFrames.closePayload(0, ""),
            RawFrames.closePayload(999, ""),
            RawFrames.closePayload(1004, ""),
            RawFrames.closePayload(1005, ""),
            RawFrames.closePayload(1006, ""),
            RawFrames.closePayload(1015, ""),
            RawFrames.closePayload(2999, "")),
        Check.quick(
            "WS6",
            "closes on a close reason that is not UTF-8",
            probe -> {
              var peer = probe.join();
              peer.connection.write(
                  RawFrames.of(
                      RawFrames.FIN | RawFrames.CLOSE, Bytes.ofHex("03e8" + "c328" + "ff")));
              peer.expectFailure(1007, 1002);
            }),
        Check.quick(
            "WS6",
            "ends a connection after the client has closed its sending half",
            CloseChecks::halfClosed),
        Check.quick(
            "WS6",
            "ends the connection when the client answers its close frame",
            probe -> {
              var peer = probe.join();
              peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.TEXT, Bytes.utf8("no")));
              var end = peer.expectClose(1003);
              peer.connection.write(RawFrames.close(end.code(), ""));
              expectDisconnect(peer);
            }));
  }

  private static void echo(Probe probe) throws IOException {
    for (var code : List.of(1000, 1001, 1011, 3000, 4000, 4999)) {
      var peer = probe.join();
      peer.connection.write(RawFrames.close(code, "as the client says"));
      peer.expectClose(code);
    }
  }

  private static void withoutCode(Probe probe) throws IOException {
    var peer = probe.join();
    peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.CLOSE, Bytes.EMPTY));
    peer.expectClose(RawConnection.NO_CODE, 1000);
  }

  private static void beforeTheJoin(Probe probe) throws IOException {
    var peer = probe.open();
    peer.connection.write(RawFrames.close(1000, ""));
    peer.expectClose(1000);
  }

  private static void endsAfterwards(Probe probe) throws IOException {
    var peer = probe.join();
    peer.connection.write(RawFrames.close(1000, "bye"));
    peer.expectClose(1000);
    expectDisconnect(peer);
  }

  private static void expectDisconnect(ConformancePeer peer) {
    var frame = peer.connection.read();
    if (!(frame instanceof Frame.Disconnected)) {
      throw new Finding("the end of the connection", Description.of(frame));
    }
  }

  private static void bytesAfterClose(Probe probe) throws IOException {
    var peer = probe.open();
    peer.connection.write(
        Bytes.concat(
            List.of(
                RawFrames.close(1000, ""),
                RawFrames.binary(WireCodec.encode(peer.joinMessage())),
                RawFrames.ping(Bytes.utf8("late")))));
    for (var frame = peer.connection.read();
        !(frame instanceof Frame.Disconnected);
        frame = peer.connection.read()) {
      if (frame instanceof Frame.Data || frame instanceof Frame.Pong) {
        throw new Finding("only a close frame", "an answer to bytes after the close frame");
      }
    }
  }

  private static Check failing(String title, Bytes... payloads) {
    return Check.quick(
        "WS6",
        title,
        probe -> {
          for (var payload : payloads) {
            var peer = probe.join();
            peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.CLOSE, payload));
            peer.expectFailure(1002);
          }
        });
  }

  /** The client closes its sending half. The server may still answer earlier messages. */
  private static void halfClosed(Probe probe) throws IOException {
    var peer = probe.join();
    peer.connection.shutdownOutput();
    var end = peer.awaitEnd();
    if (end.messages().stream().anyMatch(WireMessage.ErrorMessage.class::isInstance)) {
      throw new Finding("an end without an error message", "an error message");
    }
    var early = probe.open();
    early.connection.shutdownOutput();
    early.awaitEnd();
  }
}
