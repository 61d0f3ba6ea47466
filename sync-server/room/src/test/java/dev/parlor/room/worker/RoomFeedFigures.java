package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Prints the time that a delta of one chat line takes in rooms of different histories. */
class RoomFeedFigures {
  private static final int LINES = 400;

  @Test
  @DisplayName("figures: a delta of one chat line, in rooms with 20, 2,000 and 20,000 lines")
  void deltaOfOneLine() {
    for (var history : List.of(20, 2_000, 20_000)) {
      try (var replica = Replica.create(new ActorId(Bytes.utf8("here-actor-00001")))) {
        replica.transact(List.of(new Edit.Put(Path.of("chat"), Value.list(List.of()))));
        var lines = new ArrayList<Edit>();
        for (var i = 0; i < history; i++) {
          lines.add(line(i));
        }
        replica.transact(lines);
        var feed = new RoomFeed(replica, replica.root());
        var nanos = new ArrayList<Long>();
        for (var i = 0; i < LINES; i++) {
          var change = replica.transact(List.of(line(history + i))).orElseThrow();
          var start = System.nanoTime();
          feed.applied(change);
          var delta = feed.next();
          nanos.add(System.nanoTime() - start);
          var inserted = Objects.requireNonNull(delta).insert().getOrDefault("chat", List.of());
          assertEquals(history + i, inserted.getFirst().at());
        }
        nanos.sort(Long::compare);
        System.out.printf(
            "chat of %,d lines: a delta takes %d us at the median, %d us at p95%n",
            history, nanos.get(LINES / 2) / 1_000, nanos.get(LINES * 95 / 100) / 1_000);
      }
    }
  }

  private static Edit line(int number) {
    return new Edit.Append(
        Path.of("chat"),
        Value.map(
            "id", Value.of("id" + number),
            "by", Value.of("id_someone"),
            "kind", Value.of("say"),
            "text", Value.of("a line of usual length, number " + number)));
  }
}
