package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks of silent, vanished [WS4] and slow [WS7] sockets. */
final class LivenessChecks {

  /** Four of Parlor's ping intervals of 5 s, and some time for a busy machine. */
  private static final long SILENCE_MILLIS_MAX = 26_000;

  private static final int MIB = 1 << 20;

  /** More than Parlor's outbox limit plus the system's buffers for one socket. */
  private static final int BACKLOG_MIB = 64;

  private LivenessChecks() {}

  static List<Check> all() {
    return List.of(
        Check.detailed("WS4", "pings", Check.Pace.SLOW, LivenessChecks::pings),
        Check.slow(
            "WS4",
            "keeps a connection that answers pings and sends nothing else",
            LivenessChecks::idleConnection),
        Check.detailed(
            "WS4",
            "ends a connection that does not answer pings",
            Check.Pace.SLOW,
            probe -> unansweredPings(probe.join())),
        Check.detailed(
            "WS4",
            "ends a connection that neither reads nor sends",
            Check.Pace.SLOW,
            LivenessChecks::stalled),
        Check.slow(
            "HS1",
            "ends a connection without a join",
            probe -> {
              var peer = probe.open();
              var end = peer.awaitEnd(12_000);
              if (end.code() != 1008) {
                throw new Finding("close 1008", end.describe());
              }
            }),
        Check.quick(
            "LV1", "answers a ping message with its count", LivenessChecks::answersPingMessages),
        Check.quick(
            "WS4",
            "survives sockets that vanish at any byte of a message",
            LivenessChecks::vanishing),
        Check.detailed(
            "WS7",
            "delivers to other readers without delay while one reader never reads",
            Check.Pace.ALONE,
            LivenessChecks::neverReads));
  }

  private static void answersPingMessages(Probe probe) throws IOException {
    var peer = probe.join();
    for (var count : new long[] {7, 8}) {
      peer.send(new WireMessage.Ping(peer.id, count));
      var answers = peer.receiveUntilPong();
      if (answers.isEmpty()) {
        throw new NotOfferedException("it ignores the message type ping");
      }
      if (!(answers.getFirst() instanceof WireMessage.Pong pong) || pong.count() != count) {
        throw new Finding("a pong with the count " + count, answers.toString());
      }
    }
  }

  private static String pings(Probe probe) throws IOException {
    var peer = probe.join();
    var times = new ArrayList<Long>();
    var begin = System.nanoTime();
    while (times.size() < 3) {
      switch (peer.connection.read(12_000)) {
        case Frame.Ping(var payload) -> {
          times.add(System.nanoTime() - begin);
          peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
        }
        case Frame.Close close -> throw new Finding("pings", Description.of(close));
        case Frame.Disconnected disconnected ->
            throw new Finding("pings", Description.of(disconnected));
        case Frame.Data _, Frame.Pong _ -> {}
      }
    }
    var gap = (times.get(2) - times.get(0)) / 2e9;
    if (gap > 6) {
      throw new Finding("a ping every 5 s", String.format(Locale.ROOT, "every %.1f s", gap));
    }
    return String.format(Locale.ROOT, "every %.1f s", gap);
  }

  private static void idleConnection(Probe probe) throws IOException {
    var peer = probe.join();
    var begin = System.nanoTime();
    while (System.nanoTime() - begin < SILENCE_MILLIS_MAX * 1_000_000) {
      switch (peer.connection.read(12_000)) {
        case Frame.Ping(var payload) ->
            peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
        case Frame.Close close -> throw new Finding("pings only", Description.of(close));
        case Frame.Disconnected disconnected ->
            throw new Finding("pings only", Description.of(disconnected));
        case Frame.Data _, Frame.Pong _ -> throw new Finding("pings only", "a message");
      }
    }
  }

  /** Reads without answering until the server closes the connection. */
  private static String unansweredPings(ConformancePeer peer) {
    var begin = System.nanoTime();
    while (true) {
      var remainingMillis = SILENCE_MILLIS_MAX - (System.nanoTime() - begin) / 1_000_000;
      var frame = remainingMillis <= 0 ? null : peer.connection.readOrNull(remainingMillis);
      if (frame == null) {
        throw new Finding(
            "an end within " + SILENCE_MILLIS_MAX + " ms", "the connection is still open");
      }
      if (frame instanceof Frame.Close || frame instanceof Frame.Disconnected) {
        return String.format(
            Locale.ROOT,
            "%s after %.1f s",
            Description.of(frame),
            (System.nanoTime() - begin) / 1e9);
      }
    }
  }

  /**
   * A ping does not reach a client whose TCP receive window is full. The other peers receive a
   * goodbye when the server closes that connection.
   */
  private static String stalled(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var slow = probe.joinWithSmallBuffer();
    writer.edit();
    writer.awaitSaved();
    var slowDoc = probe.doc(slow, writer.id);
    slowDoc.openAndAwait(writer.heads().getFirst());
    slow.send(slow.ephemeral(writer.id, 1, Bytes.ofHex("a0")));
    if (!(writer.receive() instanceof WireMessage.Ephemeral)) {
      throw new Finding("the ephemeral message of the slow peer", "another message");
    }
    // 8 MiB are below the outbox limit and above the system's buffers.
    for (var i = 0; i < 8; i++) {
      writer.edit(probe.randomBytes(MIB));
      writer.awaitSaved();
    }
    var begin = System.nanoTime();
    while (System.nanoTime() - begin < SILENCE_MILLIS_MAX * 1_000_000) {
      if (writer.peer.next(SILENCE_MILLIS_MAX) instanceof WireMessage.Ephemeral goodbye
          && goodbye.senderId().equals(slow.id)) {
        return String.format(
            Locale.ROOT, "a goodbye after %.1f s", (System.nanoTime() - begin) / 1e9);
      }
    }
    throw new Finding(
        "a goodbye in the name of the stalled peer",
        "nothing within " + SILENCE_MILLIS_MAX / 1_000 + " s");
  }

  private static void vanishing(Probe probe) throws IOException {
    var honest = probe.newDoc(probe.join());
    honest.edit();
    honest.awaitSaved();
    var message = RawFrames.binary(MessageChecks.padded(probe.newId(), 300));
    for (var cut = 0; cut < 40; cut++) {
      var peer = probe.join();
      peer.connection.write(message.slice(0, cut * 7));
      if (cut % 2 == 0) {
        peer.connection.reset();
      } else {
        peer.connection.close();
      }
    }
    honest.edit();
    honest.awaitSaved();
  }

  /** Sends more to a reader that never reads than a server may buffer for it. */
  private static String neverReads(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var honest = probe.doc(probe.join(), writer.id);
    var slow = probe.doc(probe.joinWithSmallBuffer(), writer.id);
    var first = writer.edit();
    writer.awaitSaved();
    honest.openAndAwait(first);
    slow.openAndAwait(first);
    var worstNanos = 0L;
    for (var i = 0; i < BACKLOG_MIB; i++) {
      var begin = System.nanoTime();
      var hash = writer.edit(probe.randomBytes(MIB));
      honest.awaitChange(hash);
      writer.awaitSaved();
      worstNanos = Math.max(worstNanos, System.nanoTime() - begin);
    }
    if (worstNanos > 2_000L * 1_000_000) {
      throw new Finding(
          "no delay for other readers",
          "one change of 1 MiB took " + worstNanos / 1_000_000 + " ms");
    }
    var delays =
        String.format(Locale.ROOT, "other readers had each MiB within %.0f ms", worstNanos / 1e6);
    var end = drain(slow.peer.connection);
    if (end == null) {
      throw new NotOfferedException(
          "all messages are buffered for a reader that does not read; " + delays);
    }
    if (end instanceof Frame.Close(var code, var _) && code != 1013) {
      throw new Finding("close 1013", Description.of(end));
    }
    return Description.of(end) + "; " + delays;
  }

  /** Reads the buffered frames. Returns the end of the connection, or null if it stays open. */
  private static @Nullable Frame drain(RawConnection connection) {
    while (true) {
      var frame = connection.readOrNull(RawConnection.ANSWER_MILLIS_MAX);
      if (frame == null || frame instanceof Frame.Close || frame instanceof Frame.Disconnected) {
        return frame;
      }
      if (frame instanceof Frame.Ping(var payload)) {
        connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
      }
    }
  }
}
