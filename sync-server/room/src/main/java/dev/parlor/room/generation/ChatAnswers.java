package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The chat entries with which the model answers a question that was asked in the chat [GE16]. */
final class ChatAnswers {
  private ChatAnswers() {}

  /** The edits that append the answer of a run that has ended; none for other requests. */
  static List<Edit> of(RunRecord record) {
    if (record.chat() == null || !record.isFinal() || record.status() == Status.REFUSED) {
      return List.of();
    }
    String words = record.text().isBlank() ? record.reason() : record.text();
    return RoomEdits.chat(
        new ChatEntry(
            id(record),
            record.model(),
            record.endedAt(),
            ChatEntry.Kind.MODEL,
            Texts.shortened(words, RoomLimits.CHAT_LENGTH_MAX),
            record.chat(),
            record.request()));
  }

  /** The edits for answers that a crash has kept from the document. */
  static List<Edit> missing(Collection<RunRecord> records, RoomView room) {
    List<Edit> edits = new ArrayList<>();
    if (records.stream().anyMatch(record -> record.chat() != null)) {
      Set<String> present = new HashSet<>();
      room.chat().forEach(entry -> present.add(entry.id()));
      records.stream()
          .filter(record -> !present.contains(id(record)))
          .forEach(record -> edits.addAll(of(record)));
    }
    return edits;
  }

  private static String id(RunRecord record) {
    return "answer-" + record.request();
  }
}
