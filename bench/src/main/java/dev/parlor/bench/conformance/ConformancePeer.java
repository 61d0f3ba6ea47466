package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
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
 * An automerge-repo client on a {@link RawConnection}: it sends and receives messages, answers
 * pings and assembles fragments. Used by one thread.
 */
final class ConformancePeer {

  /** The end of a connection, with the messages before it. */
  record End(Frame frame, List<WireMessage> messages) {

    /** The close code, or 1006 without a close frame. */
    int code() {
      return frame instanceof Frame.Close(var code, var _) ? code : 1006;
    }

    String describe() {
      return Description.of(frame);
    }
  }

  /** A received message, a pong, or the end of the connection. */
  private sealed interface Arrival {

    record Message(WireMessage message) implements Arrival {}

    record Pong(Bytes payload) implements Arrival {}

    /** The end of the connection, with a close frame or without. */
    record Ended(Frame frame) implements Arrival {}
  }

  private static final long POLL_MILLIS = 1_000;
  private static final int DRAIN_ROUNDS = 4;

  final RawConnection connection;
  final PeerId id;
  private PeerId server = new PeerId("");
  private Optional<WireMessage.PeerMessage> welcome = Optional.empty();
  private byte[] fragments = new byte[0];
  private boolean isFragmented;
  private int pingsSent;

  ConformancePeer(RawConnection connection, PeerId id) {
    this.connection = connection;
    this.id = id;
  }

  // Sending.

  WireMessage.Join joinMessage() {
    return new WireMessage.Join(
        id, new PeerMetadata(Optional.empty(), true), List.of(WireCodec.VERSION));
  }

  /** Sends the join message and waits for the answer. */
  ConformancePeer join() {
    send(joinMessage());
    return awaitWelcome();
  }

  /** Waits for the answer to a join message that was sent. */
  ConformancePeer awaitWelcome() {
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
    connection.write(RawFrames.binary(payload));
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

  /** The next message. The end of the connection is a finding. */
  WireMessage next() {
    return next(RawConnection.ANSWER_MILLIS_MAX);
  }

  WireMessage next(long millis) {
    return nextOrNone(millis)
        .orElseThrow(() -> new Finding("a message", "nothing within " + millis + " ms"));
  }

  /**
   * The next message. Empty if no message arrives in this time. The end of the connection is a
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
   * Sends a ping and returns the messages that arrive before its pong. An empty list means that the
   * server did not answer the earlier messages. This takes no timeout.
   */
  List<WireMessage> receiveUntilPong() {
    return receiveUntilPong(RawConnection.ANSWER_MILLIS_MAX);
  }

  List<WireMessage> receiveUntilPong(long millis) {
    var payload = Bytes.utf8("ping " + ++pingsSent);
    connection.write(RawFrames.ping(payload));
    var received = new ArrayList<WireMessage>();
    while (true) {
      switch (arrival(deadline(millis))) {
        case null -> throw new Finding("a frame", "nothing within " + millis + " ms");
        case Arrival.Message(var message) -> received.add(message);
        case Arrival.Pong(var pongPayload) -> {
          if (pongPayload.equals(payload)) {
            return received;
          }
        }
        case Arrival.Ended(var frame) -> throw new Finding("a pong", Description.of(frame));
      }
    }
  }

  /**
   * Expects no message during some rounds of ping and pong. One round is not enough, since a server
   * may answer pings sooner than messages.
   */
  void expectSilence(String reason) {
    var messages = drain();
    if (!messages.isEmpty()) {
      throw new Finding("no message: " + reason, Description.of(messages.getFirst()));
    }
  }

  /** Receives the messages that arrive during some pings and pongs. */
  List<WireMessage> drain() {
    var messages = new ArrayList<WireMessage>();
    for (var round = 0; round < DRAIN_ROUNDS; round++) {
      messages.addAll(receiveUntilPong());
    }
    return messages;
  }

  /** Reads until the connection ends. */
  End awaitEnd(long millis) {
    var received = new ArrayList<WireMessage>();
    return pollEnd(deadline(millis), received)
        .orElseThrow(
            () ->
                new Finding(
                    "the end of the connection",
                    "it stays open for "
                        + millis
                        + " ms"
                        + (received.isEmpty()
                            ? ""
                            : ", after " + Description.of(received.getLast()))));
  }

  End awaitEnd() {
    return awaitEnd(RawConnection.ANSWER_MILLIS_MAX);
  }

  /** The end of the connection; empty if it stays open for a second. */
  Optional<End> pollEnd() {
    return pollEnd(deadline(POLL_MILLIS), new ArrayList<>());
  }

  private Optional<End> pollEnd(long deadline, List<WireMessage> received) {
    while (true) {
      switch (arrival(deadline)) {
        case null -> {
          return Optional.empty();
        }
        case Arrival.Message(var message) -> received.add(message);
        case Arrival.Pong _ -> {}
        case Arrival.Ended(var frame) -> {
          return Optional.of(new End(frame, received));
        }
      }
    }
  }

  /** The next error message; empty if none comes within a second. */
  Optional<WireMessage.ErrorMessage> pollError() {
    var deadline = deadline(POLL_MILLIS);
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

  /** Checks that an error names this rule and this document, and that the connection stays open. */
  void expectRefusal(WireMessage.ErrorMessage error, String rule, DocumentId document) {
    var errorDocument = error.documentId();
    if (!error.message().startsWith("[" + rule + "] ")
        || errorDocument == null
        || !errorDocument.equals(document)) {
      throw new Finding(
          "an error message with [" + rule + "] and the document's id",
          Description.of(error) + " about " + errorDocument);
    }
    receiveUntilPong();
  }

  /** Reads until the connection is closed with one of these codes. */
  End expectClose(Integer... codes) {
    var end = awaitEnd();
    if (!Arrays.asList(codes).contains(end.code())) {
      throw new Finding("close " + oneOf(codes), end.describe());
    }
    return end;
  }

  /**
   * As {@link #expectClose}; in addition the last message before the close must be an {@code error}
   * with a reason.
   */
  void expectErrorAndClose(int code) {
    var end = expectClose(code);
    if (end.messages().isEmpty()
        || !(end.messages().getLast() instanceof WireMessage.ErrorMessage error)
        || error.message().isBlank()) {
      throw new Finding(
          "an error message with the reason before close " + code,
          end.messages().isEmpty()
              ? "close " + code + " alone"
              : Description.of(end.messages().getLast()) + " before it");
    }
  }

  /**
   * Reads until the connection fails as RFC 6455 (7.1.7) requires for a protocol error: with one of
   * these close codes or without a close frame.
   */
  void expectFailure(Integer... codes) {
    var end = awaitEnd();
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

  /**
   * The next message, pong or end of the connection; null if none arrives before the deadline.
   * Assembles fragments and answers pings.
   */
  private @Nullable Arrival arrival(long deadline) {
    while (true) {
      var remainingMillis = (deadline - System.nanoTime()) / 1_000_000;
      switch (remainingMillis <= 0 ? null : connection.readOrNull(remainingMillis)) {
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
            connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
        case Frame.Pong(var payload) -> {
          return new Arrival.Pong(payload);
        }
        case Frame.Close close -> {
          return new Arrival.Ended(close);
        }
        case Frame.Disconnected disconnected -> {
          return new Arrival.Ended(disconnected);
        }
      }
    }
  }

  private Optional<WireMessage> assemble(Frame.Data data) {
    if (data.opcode() == RawFrames.TEXT) {
      throw new Finding("binary frames only", "a text frame");
    }
    if ((data.opcode() == RawFrames.CONTINUATION) != isFragmented) {
      throw new Finding("fragments in order", "opcode " + data.opcode() + " out of turn");
    }
    var payload = data.payload();
    if (isFragmented) {
      payload = Bytes.concat(List.of(Bytes.wrap(fragments), payload));
    }
    isFragmented = !data.isLast();
    if (isFragmented) {
      fragments = payload.toArray();
      return Optional.empty();
    }
    return Optional.of(
        switch (WireCodec.decode(payload)) {
          case Decoding.Decoded<WireMessage>(var message) -> message;
          case Decoding.Malformed<WireMessage>(var rule, var reason) ->
              throw new Finding("a message that can be read", "[" + rule + "] " + reason);
        });
  }
}
