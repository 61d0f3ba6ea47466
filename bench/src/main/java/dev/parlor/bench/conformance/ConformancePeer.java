package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.Line.Frame;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An automerge-repo client at the level of messages on a {@link Line}. It answers pings and
 * assembles fragments. Used by one thread.
 */
final class ConformancePeer {

  /** The end of a connection, with the messages before it. */
  record End(Frame frame, List<WireMessage> before) {

    /** The close code, or 1006 without a close frame. */
    int code() {
      return frame instanceof Frame.Close(var code, var _) ? code : 1006;
    }

    String describe() {
      return Description.of(frame);
    }
  }

  /** What arrives on the line. */
  private sealed interface Arrival {

    record Message(WireMessage message) implements Arrival {}

    record Pong(Bytes payload) implements Arrival {}

    /** The end of the connection, with a close frame or without. */
    record Ended(Frame frame) implements Arrival {}
  }

  private static final long SOON_MILLIS = 1_000;
  private static final int ROUNDS = 4;

  final Line line;
  final PeerId id;
  private PeerId server = new PeerId("");
  private Optional<WireMessage.PeerMessage> welcome = Optional.empty();
  private byte[] fragments = new byte[0];
  private boolean fragmented;
  private int marks;

  ConformancePeer(Line line, PeerId id) {
    this.line = line;
    this.id = id;
  }

  // Sending.

  WireMessage.Join join() {
    return new WireMessage.Join(
        id, new PeerMetadata(Optional.empty(), true), List.of(WireCodec.VERSION));
  }

  /** Joins and waits for the answer. */
  ConformancePeer joined() {
    send(join());
    return welcomed();
  }

  /** Waits for the answer to a join that was sent. */
  ConformancePeer welcomed() {
    var peer = next(WireMessage.PeerMessage.class);
    server = peer.senderId();
    welcome = Optional.of(peer);
    return this;
  }

  PeerId server() {
    return server;
  }

  WireMessage.PeerMessage welcome() {
    return welcome.orElseThrow();
  }

  void send(WireMessage message) {
    send(WireCodec.encode(message));
  }

  void send(Bytes payload) {
    line.write(RawFrames.binary(payload));
  }

  void request(DocumentId document, SyncMessage message) {
    send(new WireMessage.Request(id, server, document, SyncMessageCodec.encode(message)));
  }

  void sync(DocumentId document, SyncMessage message) {
    send(new WireMessage.Sync(id, server, document, SyncMessageCodec.encode(message)));
  }

  WireMessage.Ephemeral ephemeral(DocumentId document, long count, Bytes data) {
    return new WireMessage.Ephemeral(
        id, server, document, new SessionId("session-of-" + id), count, data);
  }

  // Receiving.

  /** The next message; the end of the connection is a finding. */
  WireMessage next() {
    return next(Line.PATIENCE_MILLIS);
  }

  WireMessage next(long millis) {
    return nextOrNone(millis)
        .orElseThrow(() -> new Finding("a message", "nothing within " + millis + " ms"));
  }

  /**
   * The next message; empty if only pings arrive in this time. The end of the connection is a
   * finding.
   */
  Optional<WireMessage> nextOrNone(long millis) {
    var deadline = deadline(millis);
    while (true) {
      switch (arrival(deadline)) {
        case null -> {
          return Optional.empty();
        }
        case Arrival.Message(var message) -> {
          return Optional.of(message);
        }
        case Arrival.Pong _ -> {}
        case Arrival.Ended(var frame) -> throw new Finding("a message", Description.of(frame));
      }
    }
  }

  <T extends WireMessage> T next(Class<T> type) {
    var message = next();
    if (type.isInstance(message)) {
      return type.cast(message);
    }
    throw new Finding("a message of type " + Description.ofType(type), Description.of(message));
  }

  /** The next sync message of a document, decoded. */
  SyncMessage nextSync(DocumentId document) {
    var message = next(WireMessage.Sync.class);
    if (!message.documentId().equals(document)) {
      throw new Finding("a sync message about " + document, "one about " + message.documentId());
    }
    return decode(message);
  }

  static SyncMessage decode(WireMessage.Sync message) {
    return switch (SyncMessageCodec.decode(message.data(), SyncLimits.DEFAULT)) {
      case Decoding.Decoded<SyncMessage>(var sync) -> sync;
      case Decoding.Malformed<SyncMessage>(var _, var reason) ->
          throw new Finding("a sync message that can be read", reason);
    };
  }

  /**
   * Pings, and returns the messages before the pong. An empty list means that the server answered
   * none of the earlier messages, without waiting for a timeout.
   */
  List<WireMessage> untilPong() {
    return untilPong(Line.PATIENCE_MILLIS);
  }

  List<WireMessage> untilPong(long millis) {
    var mark = Bytes.utf8("mark " + ++marks);
    line.write(RawFrames.ping(mark));
    var before = new ArrayList<WireMessage>();
    while (true) {
      switch (arrival(deadline(millis))) {
        case null -> throw new Finding("a frame", "nothing within " + millis + " ms");
        case Arrival.Message(var message) -> before.add(message);
        case Arrival.Pong(var payload) -> {
          if (payload.equals(mark)) {
            return before;
          }
        }
        case Arrival.Ended(var frame) -> throw new Finding("a pong", Description.of(frame));
      }
    }
  }

  /**
   * Expects no message during some rounds of {@link #untilPong}, since a server may answer pings
   * sooner than messages.
   */
  void hearsNothing(String because) {
    var heard = lately();
    if (!heard.isEmpty()) {
      throw new Finding("no message: " + because, Description.of(heard.getFirst()));
    }
  }

  /** The messages that arrive within some rounds of ping and pong. */
  List<WireMessage> lately() {
    var heard = new ArrayList<WireMessage>();
    for (var round = 0; round < ROUNDS; round++) {
      heard.addAll(untilPong());
    }
    return heard;
  }

  /** Reads until the connection ends. */
  End end(long millis) {
    var before = new ArrayList<WireMessage>();
    return endBy(deadline(millis), before)
        .orElseThrow(
            () ->
                new Finding(
                    "the end of the connection",
                    "it stays open for "
                        + millis
                        + " ms"
                        + (before.isEmpty() ? "" : ", after " + Description.of(before.getLast()))));
  }

  End end() {
    return end(Line.PATIENCE_MILLIS);
  }

  /** The end of the connection; empty if it stays open for a second. */
  Optional<End> endSoon() {
    return endBy(deadline(SOON_MILLIS), new ArrayList<>());
  }

  private Optional<End> endBy(long deadline, List<WireMessage> before) {
    while (true) {
      switch (arrival(deadline)) {
        case null -> {
          return Optional.empty();
        }
        case Arrival.Message(var message) -> before.add(message);
        case Arrival.Pong _ -> {}
        case Arrival.Ended(var frame) -> {
          return Optional.of(new End(frame, before));
        }
      }
    }
  }

  /** The next error message; empty if none comes within a second. */
  Optional<WireMessage.ErrorMessage> errorSoon() {
    var deadline = deadline(SOON_MILLIS);
    while (true) {
      switch (arrival(deadline)) {
        case null -> {
          return Optional.empty();
        }
        case Arrival.Message(WireMessage.ErrorMessage error) -> {
          return Optional.of(error);
        }
        case Arrival.Message _, Arrival.Pong _ -> {}
        case Arrival.Ended(var frame) ->
            throw new Finding("a connection that stays open", Description.of(frame));
      }
    }
  }

  /** A refusal names its rule and its document, and the connection answers on. */
  void hearsOfRefusal(WireMessage.ErrorMessage error, String rule, DocumentId document) {
    var about = error.documentId();
    if (!error.message().startsWith("[" + rule + "] ")
        || about == null
        || !about.equals(document)) {
      throw new Finding(
          "an error message with [" + rule + "] and the document's id",
          Description.of(error) + " about " + about);
    }
    untilPong();
  }

  /** Reads until the connection is closed with one of these codes. */
  End closedWith(Integer... codes) {
    var end = end();
    if (!Arrays.asList(codes).contains(end.code())) {
      throw new Finding("close " + oneOf(codes), end.describe());
    }
    return end;
  }

  /** As {@link #closedWith}, after an {@code error} message with the reason. */
  void refusedWith(int code) {
    var end = closedWith(code);
    if (end.before().isEmpty()
        || !(end.before().getLast() instanceof WireMessage.ErrorMessage error)
        || error.message().isBlank()) {
      throw new Finding(
          "an error message that says why, before close " + code,
          end.before().isEmpty()
              ? "close " + code + " alone"
              : Description.of(end.before().getLast()) + " before it");
    }
  }

  /**
   * Reads until the connection fails as RFC 6455 (7.1.7) requires for a protocol error: with one of
   * these close codes or without a close frame.
   */
  void failedWith(Integer... codes) {
    var end = end();
    if (end.frame() instanceof Frame.Close(var code, var _)
        && !Arrays.asList(codes).contains(code)) {
      throw new Finding("a failed connection, with close " + oneOf(codes), end.describe());
    }
  }

  private static String oneOf(Integer... codes) {
    return Arrays.stream(codes).map(String::valueOf).collect(Collectors.joining(" or "));
  }

  private static long deadline(long millis) {
    return System.nanoTime() + millis * 1_000_000;
  }

  /** Joins fragments and answers pings; null if nothing else arrives before the deadline. */
  private @Nullable Arrival arrival(long deadline) {
    while (true) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      switch (left <= 0 ? null : line.readOrNull(left)) {
        case null -> {
          return null;
        }
        case Frame.Data data -> {
          var message = assemble(data);
          if (message.isPresent()) {
            return new Arrival.Message(message.get());
          }
        }
        case Frame.Ping(var payload) ->
            line.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
        case Frame.Pong(var payload) -> {
          return new Arrival.Pong(payload);
        }
        case Frame.Close close -> {
          return new Arrival.Ended(close);
        }
        case Frame.Gone gone -> {
          return new Arrival.Ended(gone);
        }
      }
    }
  }

  private Optional<WireMessage> assemble(Frame.Data data) {
    if (data.opcode() == RawFrames.TEXT) {
      throw new Finding("binary frames only", "a text frame");
    }
    if ((data.opcode() == RawFrames.CONTINUATION) != fragmented) {
      throw new Finding("fragments in order", "opcode " + data.opcode() + " out of turn");
    }
    var whole = data.payload();
    if (fragmented) {
      whole = Bytes.concat(List.of(Bytes.wrap(fragments), whole));
    }
    fragmented = !data.last();
    if (fragmented) {
      fragments = whole.toArray();
      return Optional.empty();
    }
    return Optional.of(
        switch (WireCodec.decode(whole)) {
          case Decoding.Decoded<WireMessage>(var message) -> message;
          case Decoding.Malformed<WireMessage>(var rule, var reason) ->
              throw new Finding("a message that can be read", "[" + rule + "] " + reason);
        });
  }
}
