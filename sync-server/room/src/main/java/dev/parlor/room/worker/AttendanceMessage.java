package dev.parlor.room.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message between nodes about who is connected to rooms.
 *
 * @param node the node that sent it
 */
record AttendanceMessage(String node, List<Part> parts) {
  private static final Logger log = LoggerFactory.getLogger(AttendanceMessage.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Characters of the texts in one message, so that it stays below 64 KiB in any script. */
  private static final int CHARACTERS_MAX = 16_000;

  /** Characters that a part or a person needs besides its texts. */
  private static final int OVERHEAD = 60;

  AttendanceMessage {
    parts = List.copyOf(parts);
  }

  /**
   * What a message says about one room.
   *
   * @param room the id of the room's document
   * @param asks whether the node asks the others who is connected there
   * @param here connections of that node; others of that node may exist
   * @param gone the id of a connection of that node that ended; null without one
   * @param away identities that count as gone on that node
   */
  record Part(
      String room,
      boolean asks,
      List<RemotePerson> here,
      @Nullable String gone,
      List<String> away) {

    Part {
      here = List.copyOf(here);
      away = List.copyOf(away);
    }

    static Part question(String room) {
      return new Part(room, true, List.of(), null, List.of());
    }

    static Part here(String room, RemotePerson person) {
      return new Part(room, false, List.of(person), null, List.of());
    }

    static Part gone(String room, String connection) {
      return new Part(room, false, List.of(), connection, List.of());
    }

    static Part away(String room, List<String> away) {
      return new Part(room, false, List.of(), null, away);
    }

    private int characters() {
      var sum = OVERHEAD + room.length() + (gone == null ? 0 : gone.length());
      for (var person : here) {
        sum += OVERHEAD + person.connection().length() + person.identity().length();
      }
      for (var identity : away) {
        sum += OVERHEAD + identity.length();
      }
      return sum;
    }
  }

  /** Distributes parts over messages that are not too large. */
  static List<AttendanceMessage> of(String node, List<Part> parts) {
    var messages = new ArrayList<AttendanceMessage>();
    var next = new ArrayList<Part>();
    var characters = 0;
    for (var part : parts) {
      if (!next.isEmpty() && characters + part.characters() > CHARACTERS_MAX) {
        messages.add(new AttendanceMessage(node, next));
        next.clear();
        characters = 0;
      }
      next.add(part);
      characters += part.characters();
    }
    if (!next.isEmpty()) {
      messages.add(new AttendanceMessage(node, next));
    }
    return messages;
  }

  Bytes encode() {
    try {
      return Bytes.wrap(JSON.writeValueAsBytes(this));
    } catch (IOException e) {
      throw new IllegalStateException("a record of texts is always writable", e);
    }
  }

  /** Reads the message of another node; empty if it has another form. */
  static Optional<AttendanceMessage> decode(Bytes text) {
    try {
      return Optional.of(JSON.readValue(text.toArray(), AttendanceMessage.class));
    } catch (IOException e) {
      log.error("another node sent a message about attendance in an unknown form", e);
      return Optional.empty();
    }
  }
}
