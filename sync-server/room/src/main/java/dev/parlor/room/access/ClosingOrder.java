package dev.parlor.room.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The order to close connections to a room. It has a text form for other nodes.
 *
 * @param identity the identity whose connections are closed; empty if the order is about a link
 * @param link the name of an ended link whose connections are closed; empty otherwise. Members who
 *     are hosts stay
 * @param spared an identity that stays
 * @param code the WebSocket close code
 * @param rule the id of the rule in {@code docs/http-api.md}
 * @param reason a sentence for the person
 */
public record ClosingOrder(
    DocumentId room,
    Optional<String> identity,
    Optional<String> link,
    Optional<String> spared,
    int code,
    String rule,
    String reason) {

  private static final JsonRecords<Stored> JSON = new JsonRecords<>("orders", Stored.class);

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Stored(
      @Nullable String room,
      @Nullable String identity,
      @Nullable String link,
      @Nullable String spared,
      int code,
      @Nullable String rule,
      @Nullable String reason) {}

  /** Closes all connections of an identity. */
  public static ClosingOrder ofIdentity(
      DocumentId room, String identity, int code, AccessRefusal refusal) {
    return new ClosingOrder(
        room,
        Optional.of(identity),
        Optional.empty(),
        Optional.empty(),
        code,
        refusal.rule(),
        refusal.reason());
  }

  /** Closes the connections of a link that has ended. */
  public static ClosingOrder ofLink(
      DocumentId room, String link, Optional<String> spared, int code, AccessRefusal refusal) {
    return new ClosingOrder(
        room, Optional.empty(), Optional.of(link), spared, code, refusal.rule(), refusal.reason());
  }

  /** Whether this order closes the connections of a caller. */
  public boolean concerns(Caller caller, RoomAuthorizer authorizer) {
    if (caller.scope().filter(room::equals).isEmpty()) {
      return false;
    }
    if (identity.isPresent()) {
      return caller.identity().equals(identity);
    }
    return link.isPresent()
        && caller.link().equals(link)
        && (spared.isEmpty() || !caller.identity().equals(spared))
        && !authorizer.isHost(caller);
  }

  /** The text of this order for other nodes. */
  Bytes encode() {
    return JSON.write(
        new Stored(
            room.value(),
            identity.orElse(null),
            link.orElse(null),
            spared.orElse(null),
            code,
            rule,
            reason));
  }

  /** Reads the text of another node; empty if it has another form. */
  static Optional<ClosingOrder> decode(Bytes text) {
    Stored stored;
    try {
      stored = JSON.read(text);
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
    var rule = stored.rule();
    var reason = stored.reason();
    if (stored.room() == null || rule == null || reason == null) {
      return Optional.empty();
    }
    return DocumentId.parse(stored.room()) instanceof Decoding.Decoded<DocumentId>(var room)
        ? Optional.of(
            new ClosingOrder(
                room,
                Optional.ofNullable(stored.identity()),
                Optional.ofNullable(stored.link()),
                Optional.ofNullable(stored.spared()),
                stored.code(),
                rule,
                reason))
        : Optional.empty();
  }
}
