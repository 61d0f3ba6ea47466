package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireMessage;
import java.util.Locale;

/** Describes received frames and messages in a few words, for findings. */
final class Description {

  private Description() {}

  static String of(Frame frame) {
    return switch (frame) {
      case Frame.Close(var code, var reason) ->
          "close " + code + (reason.isEmpty() ? "" : " '" + reason + "'");
      case Frame.Disconnected(var reason) -> reason + " without a close frame";
      case Frame.Data _, Frame.Ping _, Frame.Pong _ -> frame.toString();
    };
  }

  static String of(WireMessage message) {
    return switch (message) {
      case WireMessage.ErrorMessage error -> "error '" + error.message() + "'";
      case WireMessage.Unknown unknown -> "a message of type " + unknown.type();
      case WireMessage.Sync sync -> of(ConformancePeer.decode(sync));
      default -> "a message of type " + ofType(message.getClass());
    };
  }

  static String of(SyncMessage sync) {
    return "a sync message with "
        + sync.heads().size()
        + " heads, "
        + sync.need().size()
        + " needs, "
        + sync.changes().size()
        + " changes";
  }

  /** The name of a message type as in the protocol, for example {@code doc-unavailable}. */
  static String ofType(Class<?> type) {
    return type.getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(Locale.ROOT)
        .replaceAll("-message$", "");
  }
}
