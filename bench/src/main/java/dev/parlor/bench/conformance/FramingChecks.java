package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Checks of valid frames [WS1] and invalid frames [WS6] (RFC 6455). */
final class FramingChecks {

  private static final int MIB = 1 << 20;

  private FramingChecks() {}

  static List<Check> all() {
    return Stream.of(messages(), protocolErrors()).flatMap(List::stream).toList();
  }

  private static List<Check> messages() {
    return List.of(
        Check.quick("WS1", "answers in one binary message", FramingChecks::binary),
        Check.quick("WS1", "joins the fragments of a message", probe -> fragments(probe, false)),
        Check.quick(
            "WS1", "answers a ping between two fragments at once", probe -> fragments(probe, true)),
        Check.quick(
            "WS1",
            "joins fragments of one byte and of zero bytes",
            FramingChecks::smallestFragments),
        Check.quick("WS1", "reads frames cut at every byte", FramingChecks::everyBoundary),
        Check.quick(
            "WS1",
            "reads many frames in one segment, and answers in order",
            FramingChecks::manyInOneSegment),
        Check.quick("WS1", "reads every form of a frame's length", FramingChecks::lengths),
        Check.quick("WS1", "closes a text message with 1003", FramingChecks::text),
        Check.quick(
            "WS1",
            "closes with 1009 on a frame header above the size limit, before the payload arrives",
            FramingChecks::oversizedHeader),
        Check.detailed(
            "WS1",
            "reads messages of 16 MiB in one frame without delay",
            Check.Pace.ALONE,
            FramingChecks::large),
        Check.detailed(
            "WS1",
            "closes endless fragments with 1009",
            Check.Pace.ALONE,
            FramingChecks::endlessFragments),
        Check.detailed(
            "WS1",
            "before the join, closes a message of more than 5 MiB with 1009",
            Check.Pace.ALONE,
            FramingChecks::largeBeforeTheJoin),
        Check.quick("WS4", "answers a ping with its payload", FramingChecks::pings));
  }

  private static List<Check> protocolErrors() {
    return List.of(
        failing(
            "closes on a frame without a mask",
            RawFrames.unmasked(RawFrames.FIN | RawFrames.BINARY, Bytes.utf8("unmasked"))),
        failing(
            "closes on a reserved bit",
            RawFrames.of(RawFrames.FIN | 0x40 | RawFrames.BINARY, Bytes.utf8("rsv1")),
            RawFrames.of(RawFrames.FIN | 0x20 | RawFrames.BINARY, Bytes.utf8("rsv2")),
            RawFrames.of(RawFrames.FIN | 0x10 | RawFrames.BINARY, Bytes.utf8("rsv3")),
            RawFrames.of(RawFrames.FIN | 0x40 | RawFrames.PING, Bytes.EMPTY)),
        failing(
            "closes on an undefined opcode",
            RawFrames.of(RawFrames.FIN | 0x3, Bytes.EMPTY),
            RawFrames.of(RawFrames.FIN | 0x7, Bytes.utf8("7")),
            RawFrames.of(RawFrames.FIN | 0xb, Bytes.EMPTY),
            RawFrames.of(RawFrames.FIN | 0xf, Bytes.utf8("15"))),
        failing(
            "closes on a control frame in fragments",
            RawFrames.of(RawFrames.PING, Bytes.utf8("part"))),
        failing(
            "closes on a control frame of more than 125 bytes",
            RawFrames.of(RawFrames.FIN | RawFrames.PING, Bytes.wrap(new byte[126])),
            RawFrames.of(RawFrames.FIN | RawFrames.CLOSE, Bytes.wrap(new byte[200]))),
        failing(
            "closes on a continuation frame without a started message",
            RawFrames.of(RawFrames.FIN | RawFrames.CONTINUATION, Bytes.utf8("of nothing")),
            RawFrames.of(RawFrames.CONTINUATION, Bytes.utf8("of nothing"))),
        failing(
            "closes on a new message inside a fragmented message",
            Bytes.concat(
                List.of(
                    RawFrames.of(RawFrames.BINARY, Bytes.utf8("first")),
                    RawFrames.of(RawFrames.FIN | RawFrames.BINARY, Bytes.utf8("second"))))),
        failing(
            "closes on a length with the highest bit",
            RawFrames.header(RawFrames.FIN | RawFrames.BINARY, Long.MIN_VALUE, true)),
        Check.quick(
            "WS6",
            "ignores all bytes after an invalid frame",
            FramingChecks::bytesAfterInvalidFrame));
  }

  private static void binary(Probe probe) throws IOException {
    var peer = probe.open();
    peer.send(peer.joinMessage());
    var frame = peer.connection.read();
    if (!(frame instanceof Frame.Data(var opcode, var isLast, var payload))
        || opcode != RawFrames.BINARY
        || !isLast
        || payload.isEmpty()) {
      throw new Finding("one binary frame", frame.toString());
    }
  }

  /** Sends a join in three fragments. */
  private static void fragments(Probe probe, boolean pingBetween) throws IOException {
    var peer = probe.open();
    var join = WireCodec.encode(peer.joinMessage());
    var third = join.length() / 3;
    var mark = Bytes.utf8("between");
    peer.connection.write(RawFrames.of(RawFrames.BINARY, join.slice(0, third)));
    if (pingBetween) {
      peer.connection.write(RawFrames.ping(mark));
      var answer = peer.connection.read();
      if (!answer.equals(new Frame.Pong(mark))) {
        throw new Finding("the pong before the message is complete", answer.toString());
      }
    }
    peer.connection.write(RawFrames.of(RawFrames.CONTINUATION, join.slice(third, third)));
    peer.connection.write(
        RawFrames.of(
            RawFrames.FIN | RawFrames.CONTINUATION,
            join.slice(2 * third, join.length() - 2 * third)));
    peer.awaitWelcome();
  }

  private static void smallestFragments(Probe probe) throws IOException {
    var peer = probe.open();
    var join = WireCodec.encode(peer.joinMessage());
    peer.connection.write(RawFrames.of(RawFrames.BINARY, Bytes.EMPTY));
    for (var i = 0; i < join.length(); i++) {
      peer.connection.write(RawFrames.of(RawFrames.CONTINUATION, join.slice(i, 1)));
      if (i % 16 == 0) {
        peer.connection.write(RawFrames.of(RawFrames.CONTINUATION, Bytes.EMPTY));
      }
    }
    peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.CONTINUATION, Bytes.EMPTY));
    peer.awaitWelcome();
  }

  /**
   * Sends each frame in two parts. Between them the server answers another connection, so that it
   * has probably read the first part alone.
   */
  private static void everyBoundary(Probe probe) throws IOException {
    var peer = probe.join();
    var other = probe.join();
    var pingFrame = RawFrames.ping(Bytes.utf8("every byte"));
    for (var cut = 1; cut < pingFrame.length(); cut++) {
      writeInTwoParts(peer, other, pingFrame, cut);
      awaitPong(peer, Bytes.utf8("every byte"));
    }
    var message = MessageChecks.padded(peer.id, 400);
    for (var frame :
        List.of(
            RawFrames.binary(message),
            RawFrames.longForm(RawFrames.FIN | RawFrames.BINARY, message))) {
      for (var cut = 1; cut < 20; cut++) {
        writeInTwoParts(peer, other, frame, cut);
        peer.expectSilence("the server ignores messages of this type");
      }
      writeInTwoParts(peer, other, frame, frame.length() - 1);
      peer.expectSilence("the server ignores messages of this type");
    }
  }

  private static void writeInTwoParts(
      ConformancePeer peer, ConformancePeer other, Bytes frame, int cut) {
    peer.connection.write(frame.slice(0, cut));
    other.receiveUntilPong();
    peer.connection.write(frame.slice(cut, frame.length() - cut));
  }

  private static void awaitPong(ConformancePeer peer, Bytes payload) {
    for (var frame = peer.connection.read(); ; frame = peer.connection.read()) {
      switch (frame) {
        case Frame.Ping(var ping) ->
            peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, ping));
        case Frame.Pong(var seen) when seen.equals(payload) -> {
          return;
        }
        default -> throw new Finding("a pong with the ping's payload", describe(frame));
      }
    }
  }

  private static String describe(Frame frame) {
    return switch (frame) {
      case Frame.Data _ -> "a message";
      case Frame.Ping _ -> "a ping";
      case Frame.Pong(var payload) -> "a pong of " + payload.toHex();
      case Frame.Close _, Frame.Disconnected _ -> Description.of(frame);
    };
  }

  /**
   * RFC 6455 lets a server answer only the newest ping, so pongs may be missing. Their order must
   * be right.
   */
  private static void manyInOneSegment(Probe probe) throws IOException {
    var peer = probe.open();
    var frames = new ArrayList<Bytes>();
    frames.add(RawFrames.binary(WireCodec.encode(peer.joinMessage())));
    for (var i = 0; i < 100; i++) {
      frames.add(RawFrames.ping(Bytes.wrap(new byte[] {(byte) i})));
      frames.add(RawFrames.binary(MessageChecks.padded(peer.id, 10 + i)));
    }
    peer.connection.write(Bytes.concat(frames));
    peer.awaitWelcome();
    for (var lastPong = -1; lastPong < 99; ) {
      var frame = peer.connection.read();
      if (frame instanceof Frame.Pong(var payload)
          && payload.length() == 1
          && payload.at(0) > lastPong) {
        lastPong = payload.at(0);
      } else if (!(frame instanceof Frame.Ping)) {
        throw new Finding("pongs in the order of the pings", describe(frame));
      }
    }
    peer.expectSilence("messages of unknown types are ignored");
  }

  private static void lengths(Probe probe) throws IOException {
    var peer = probe.join();
    for (var size : List.of(100, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 65_537, 200_000)) {
      var message = MessageChecks.padded(peer.id, size);
      peer.send(message);
      peer.expectSilence("the server ignores messages of this type");
    }
  }

  private static void text(Probe probe) throws IOException {
    var peer = probe.join();
    peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.TEXT, Bytes.utf8("{}")));
    peer.expectClose(1003);
    var early = probe.open();
    early.connection.write(
        RawFrames.of(RawFrames.FIN | RawFrames.TEXT, Bytes.utf8("{\"type\":\"join\"}")));
    early.expectClose(1003);
  }

  private static void oversizedHeader(Probe probe) throws IOException {
    for (var length : List.of(1L << 31, 1L << 40, Long.MAX_VALUE)) {
      var peer = probe.join();
      peer.connection.write(RawFrames.header(RawFrames.FIN | RawFrames.BINARY, length, true));
      peer.expectClose(1009);
    }
  }

  private static String large(Probe probe) throws IOException {
    var peer = probe.join();
    peer.send(MessageChecks.padded(peer.id, MIB));
    peer.receiveUntilPong();
    var message = MessageChecks.padded(peer.id, 16 * MIB);
    var begin = System.nanoTime();
    peer.send(message);
    peer.receiveUntilPong();
    return (System.nanoTime() - begin) / 1_000_000 + " ms";
  }

  private static String endlessFragments(Probe probe) throws IOException {
    var peer = probe.join();
    return "after " + flood(peer, 80) + " MiB";
  }

  private static String largeBeforeTheJoin(Probe probe) throws IOException {
    var peer = probe.open();
    var sentMib = flood(peer, 80);
    if (sentMib > 16) {
      throw new NotOfferedException(
          "no smaller limit before the join: closed after " + sentMib + " MiB");
    }
    return "after " + sentMib + " MiB";
  }

  /** Sends fragments without a last one until the server answers. Returns the MiB sent. */
  private static int flood(ConformancePeer peer, int mibMax) throws IOException {
    var part = Bytes.wrap(new byte[MIB]);
    for (var sent = 0; sent < mibMax; sent++) {
      if (sent > 0 && peer.connection.hasInput()) {
        peer.expectClose(1009);
        return sent;
      }
      peer.connection.write(
          RawFrames.of(sent == 0 ? RawFrames.BINARY : RawFrames.CONTINUATION, part));
    }
    peer.expectClose(1009);
    return mibMax;
  }

  private static void pings(Probe probe) throws IOException {
    var peer = probe.join();
    for (var size : List.of(0, 1, 4, 100, 125)) {
      var payload = probe.randomBytes(size);
      peer.connection.write(RawFrames.ping(payload));
      awaitPong(peer, payload);
    }
    // An unsolicited pong has no effect.
    peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, Bytes.utf8("unsolicited")));
    peer.expectSilence("a pong is not answered");
  }

  /** A check that each of these frames alone fails the connection, before and after the join. */
  private static Check failing(String title, Bytes... frames) {
    return Check.quick(
        "WS6",
        title,
        probe -> {
          for (var frame : frames) {
            var peer = probe.join();
            peer.connection.write(frame);
            peer.expectFailure(1002, 1009);
          }
          var early = probe.open();
          early.connection.write(frames[0]);
          early.expectFailure(1002, 1009);
        });
  }

  private static void bytesAfterInvalidFrame(Probe probe) throws IOException {
    var peer = probe.open();
    peer.connection.write(
        Bytes.concat(
            List.of(
                RawFrames.of(RawFrames.FIN | 0x70 | RawFrames.BINARY, Bytes.utf8("wrong")),
                RawFrames.binary(WireCodec.encode(peer.joinMessage())))));
    var end = peer.awaitEnd();
    if (end.messages().stream().anyMatch(WireMessage.PeerMessage.class::isInstance)) {
      throw new Finding("no answer to the bytes after the invalid frame", "the join was answered");
    }
  }
}
