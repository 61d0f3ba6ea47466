package dev.parlor.room.program;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.wire.CborValues;
import dev.parlor.relay.admission.Caller;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Translates presence and pointers between browsers, which send automerge-repo's ephemeral
 * messages, and programs. The identity always comes from the connection. Used on the room's thread,
 * except the static methods.
 */
final class PresenceBridge {
  private static final String PRESENCE = "__presence";
  private static final String CURSOR = "parlor-cursor";
  private static final int PLACE_LENGTH_MAX = 80;

  /** The presence of a person at one connection. */
  record State(
      String identity,
      String name,
      String status,
      @Nullable String where,
      @Nullable String typing) {}

  /**
   * The meaning of a message of a browser.
   *
   * @param message the message for programs; empty if the browser's message is of another kind
   * @param isNewPeer whether this peer had sent no presence before
   */
  record Heard(Optional<ObjectNode> message, boolean isNewPeer) {
    static final Heard NOTHING = new Heard(Optional.empty(), false);
  }

  private final Map<PeerId, State> browsers = new LinkedHashMap<>();

  // From browsers.

  Heard heard(PeerId sender, Caller caller, Bytes data) {
    var map = CborValues.map(data);
    if (CURSOR.equals(map.get("type"))) {
      return new Heard(cursor(sender, caller, map), false);
    }
    if (!(map.get(PRESENCE) instanceof Map<?, ?> presence)) {
      return Heard.NOTHING;
    }
    if ("goodbye".equals(presence.get("type"))) {
      return new Heard(left(sender), false);
    }
    var value = presence.get("value");
    if (presence.get("state") instanceof Map<?, ?> snapshot) {
      value = snapshot.get("me");
    }
    var isNew = !browsers.containsKey(sender);
    if (!(value instanceof Map<?, ?> fields)
        || (isNew && browsers.size() >= FixedServiceLimits.JSON_PEERS_MAX)) {
      return Heard.NOTHING;
    }
    var state =
        new State(
            caller.identity(sender),
            Optional.ofNullable(text(fields, "name")).orElse("Guest"),
            status(text(fields, "status")),
            text(fields, "where"),
            text(fields, "typing"));
    var before = browsers.put(sender, state);
    return state.equals(before)
        ? Heard.NOTHING
        : new Heard(Optional.of(json(sender.value(), state)), isNew);
  }

  private static Optional<ObjectNode> cursor(PeerId sender, Caller caller, Map<?, ?> map) {
    var message =
        Messages.of("cursor_pos")
            .put("peer", sender.value())
            .put("identity", caller.identity(sender));
    if (Boolean.TRUE.equals(map.get("gone"))) {
      return Optional.of(message.put("gone", true));
    }
    return map.get("x") instanceof Number x && map.get("y") instanceof Number y
        ? Optional.of(
            message
                .put("x", x.doubleValue())
                .put("y", y.doubleValue())
                .put("window", text(map, "window")))
        : Optional.empty();
  }

  /** The message that a browser is gone; empty if it had sent no presence. */
  Optional<ObjectNode> left(PeerId peer) {
    return browsers.remove(peer) == null
        ? Optional.empty()
        : Optional.of(Messages.of("presence").put("peer", peer.value()).put("gone", true));
  }

  private static @Nullable String text(Map<?, ?> map, String key) {
    return map.get(key) instanceof String text
        ? Texts.wellFormed(Texts.shortened(text, PLACE_LENGTH_MAX))
        : null;
  }

  static String status(@Nullable String status) {
    return status != null && (status.equals("idle") || status.equals("away")) ? status : "online";
  }

  // To programs.

  /** The presence of all browsers and programs. */
  ArrayNode all(Set<ProgramSocket> programs, Map<String, String> names) {
    var all = JsonNodeFactory.instance.arrayNode();
    browsers.forEach((peer, state) -> all.add(json(peer.value(), state)));
    for (var program : programs) {
      if (program.caller().identity().isPresent()) {
        all.add(json(program.peer(), program.presence(names)));
      }
    }
    return all;
  }

  static ObjectNode json(String peer, State state) {
    return Messages.of("presence")
        .put("peer", peer)
        .put("identity", state.identity())
        .put("name", state.name())
        .put("status", state.status())
        .put("where", state.where())
        .put("typing", state.typing());
  }

  // To browsers.

  static Bytes update(State state) {
    var value = new LinkedHashMap<String, @Nullable Object>();
    value.put("identity", state.identity());
    value.put("name", Texts.shortened(state.name(), RoomLimits.NAME_LENGTH_MAX));
    value.put("status", state.status());
    value.put("where", state.where());
    value.put("typing", state.typing());
    var message = new LinkedHashMap<String, Object>();
    message.put("type", "update");
    message.put("channel", "me");
    message.put("value", value);
    return CborValues.write(Map.of(PRESENCE, message));
  }

  static Bytes goodbye() {
    return CborValues.write(Map.of(PRESENCE, Map.of("type", "goodbye")));
  }

  static Bytes cursor(double x, double y, @Nullable String window) {
    var message = new LinkedHashMap<String, @Nullable Object>();
    message.put("type", CURSOR);
    message.put("window", window);
    message.put("x", x);
    message.put("y", y);
    return CborValues.write(message);
  }
}
