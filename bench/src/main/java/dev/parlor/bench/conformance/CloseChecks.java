package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.Line.Frame;
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
        Check.quick("WS6", "ignores all bytes after a close frame", CloseChecks::nothingAfter),
        failing("closes on a close frame of one byte", Bytes.ofHex("03")),
        failing(
            "closes on a close code that a client may not send",
            RawFrames.closing(0, ""),
            RawFrames.closing(999, ""),
            RawFrames.closing(1004, ""),
            RawFrames.closing(1005, ""),
            RawFrames.closing(1006, ""),
            RawFrames.closing(1015, ""),
            RawFrames.closing(2999, "")),
        Check.quick(
            "WS6",
            "closes on a close reason that is not UTF-8",
            probe -> {
              var peer = probe.join();
              peer.line.write(
                  RawFrames.of(
                      RawFrames.FIN | RawFrames.CLOSE, Bytes.ofHex("03e8" + "c328" + "ff")));
              peer.failedWith(1007, 1002);
            }),
        Check.quick(
            "WS6",
            "ends a connection after the client has closed its half",
            CloseChecks::halfClosed),
        Check.quick(
            "WS6",
            "ends the connection when the client answers its close frame",
            probe -> {
              var peer = probe.join();
              peer.line.write(RawFrames.of(RawFrames.FIN | RawFrames.TEXT, Bytes.utf8("no")));
              var end = peer.closedWith(1003);
              peer.line.write(RawFrames.close(end.code(), ""));
              gone(peer);
            }));
  }

  private static void echo(Probe probe) throws IOException {
    for (var code : List.of(1000, 1001, 1011, 3000, 4000, 4999)) {
      var peer = probe.join();
      peer.line.write(RawFrames.close(code, "as the client says"));
      peer.closedWith(code);
    }
  }

  private static void withoutCode(Probe probe) throws IOException {
    var peer = probe.join();
    peer.line.write(RawFrames.of(RawFrames.FIN | RawFrames.CLOSE, Bytes.EMPTY));
    peer.closedWith(Line.NO_CODE, 1000);
  }

  private static void beforeTheJoin(Probe probe) throws IOException {
    var peer = probe.open();
    peer.line.write(RawFrames.close(1000, ""));
    peer.closedWith(1000);
  }

  private static void endsAfterwards(Probe probe) throws IOException {
    var peer = probe.join();
    peer.line.write(RawFrames.close(1000, "bye"));
    peer.closedWith(1000);
    gone(peer);
  }

  private static void gone(ConformancePeer peer) {
    var frame = peer.line.read();
    if (!(frame instanceof Frame.Gone)) {
      throw new Finding("the end of the connection", Description.of(frame));
    }
  }

  private static void nothingAfter(Probe probe) throws IOException {
    var peer = probe.open();
    peer.line.write(
        Bytes.concat(
            List.of(
                RawFrames.close(1000, ""),
                RawFrames.binary(WireCodec.encode(peer.join())),
                RawFrames.ping(Bytes.utf8("late")))));
    for (var frame = peer.line.read(); !(frame instanceof Frame.Gone); frame = peer.line.read()) {
      if (frame instanceof Frame.Data || frame instanceof Frame.Pong) {
        throw new Finding("only a close frame", "an answer to what came after the close");
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
            peer.line.write(RawFrames.of(RawFrames.FIN | RawFrames.CLOSE, payload));
            peer.failedWith(1002);
          }
        });
  }

  /** The client sends nothing more; the server may still answer earlier messages. */
  private static void halfClosed(Probe probe) throws IOException {
    var peer = probe.join();
    peer.line.shutdownOutput();
    var end = peer.end();
    if (end.before().stream().anyMatch(WireMessage.ErrorMessage.class::isInstance)) {
      throw new Finding("an end without complaint", "an error message");
    }
    var early = probe.open();
    early.line.shutdownOutput();
    early.end();
  }
}
