package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.CallInfo;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Records, grants and locks read back equal from the document and from the ledger. */
class RunRecordProperties {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> PIECES =
      List.of(
          "",
          "x",
          "\0",
          "\ud83e\udda6",
          "\ud83e",
          "\udda6",
          "\uffff",
          "e\u0301",
          "\r\n",
          "\u2028",
          "\u200d\ufeff",
          "\u0085\u0001");

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(PIECES).list().ofMaxSize(5).map(pieces -> String.join("", pieces));
  }

  @Provide
  Arbitrary<Long> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            0L, 1L, (1L << 31) - 1, 1L << 31, 1L << 32, (1L << 53) - 2, RoomLimits.INTEGER_MAX),
        Arbitraries.longs().between(0, RoomLimits.INTEGER_MAX));
  }

  @Provide
  Arbitrary<RunRecord> records() {
    var text = texts();
    var number = numbers();
    var texts = text.list().ofMaxSize(3);
    return Combinators.combine(
            Combinators.combine(text, text, text, text, text)
                .as(
                    (by, query, prompt, model, reason) ->
                        List.of(by, query, prompt, model, reason)),
            texts,
            texts,
            Arbitraries.of(Status.DONE, Status.STOPPED, Status.ERROR, Status.REFUSED),
            number.list().ofSize(6),
            text.injectNull(0.2),
            Arbitraries.of(Ending.values()).injectNull(0.2),
            number.injectNull(0.3))
        .as(
            (words, cards, chunks, status, n, after, ending, tokensMax) ->
                new RunRecord(
                    "r",
                    words.get(0),
                    words.get(1),
                    words.get(2),
                    words.get(3),
                    cards,
                    chunks,
                    status,
                    words.get(4),
                    new Usage(n.get(0), n.get(1), true, call(words, chunks, after, tokensMax)),
                    n.get(2),
                    n.get(3),
                    RunRecord.NONE,
                    n.get(4),
                    RunRecord.NONE,
                    n.get(5),
                    after,
                    ending,
                    tokensMax == null || tokensMax == 0 ? null : tokensMax,
                    after == null ? 0 : 3,
                    after == null
                        ? List.of()
                        : List.of(
                            Attachment.text(words.get(1), after),
                            new Attachment(
                                Attachment.Kind.NOTE, "n", words.get(0), words.get(2), null)),
                    after));
  }

  /** A call with each optional part present or absent; null for some records. */
  private static @Nullable CallInfo call(
      List<String> words, List<String> notes, @Nullable String model, @Nullable Long cost) {
    return words.getFirst().isEmpty()
        ? null
        : new CallInfo(words.get(0), model, cost, model == null ? words.get(1) : null, notes);
  }

  private static Replica room() {
    var replica = Replica.create(new ActorId(Bytes.ofHex("01".repeat(16))));
    replica.transact(
        List.of(
            new Edit.Put(ServerFields.GENERATION, Value.map("epoch", Value.of(0))),
            new Edit.Put(ServerFields.RESULTS, Value.map())));
    return replica;
  }

  private static Value read(Replica replica, dev.parlor.crdt.replica.Path path) {
    return ServerFields.normalized(replica.read(path).orElseThrow());
  }

  @Property(tries = 300)
  @Label("a result reads back equal from the document, also after the document is reopened")
  void resultsReadBackEqual(@ForAll @From("records") RunRecord record) {
    try (var replica = room()) {
      replica.transact(ServerFields.transition(null, record));
      var path = ServerFields.RESULTS.child("r");
      assertEquals(ServerFields.result(record), read(replica, path));
      try (var reopened =
          Replica.load(
              Optional.of(replica.save()), List.of(), new ActorId(Bytes.ofHex("02".repeat(16))))) {
        assertEquals(ServerFields.result(record), read(reopened, path));
      }
    }
  }

  @Property(tries = 300)
  @Label("a result that the server wrote is read without a problem, with the same usage and call")
  void resultsAreReadWithoutAProblem(@ForAll @From("records") RunRecord record) {
    try (var replica = room()) {
      replica.transact(ServerFields.transition(null, record));
      var room = RoomView.read(replica.read(dev.parlor.crdt.replica.Path.ROOT).orElseThrow());
      assertEquals(record.usage(), room.results().getFirst().usage());
      assertEquals(
          List.of(),
          room.problems().stream().filter(each -> each.path().startsWith("results/")).toList());
    }
  }

  @Property(tries = 300)
  @Label("a record reads back equal from its JSON in the ledger")
  void recordsReadBackEqual(@ForAll @From("records") RunRecord record) throws Exception {
    assertEquals(record, JSON.readValue(JSON.writeValueAsBytes(record), RunRecord.class));
  }

  @Property(tries = 100)
  @Label("grants and locks read back equal, whatever their numbers and texts")
  void grantsAndLocksReadBackEqual(
      @ForAll @From("numbers") long epoch,
      @ForAll @From("numbers") long at,
      @ForAll @From("texts") String query) {
    try (var replica = room()) {
      var grant = new Grant("r", epoch, at, at);
      replica.transact(RoomEdits.grant(grant));
      assertEquals(
          ServerFields.normalized(((Edit.Put) RoomEdits.grant(grant).getLast()).value()),
          read(replica, ServerFields.GENERATION.child("grant")));
      replica.transact(RoomEdits.lock(new Lock("r", "ann", at, query, List.of("c"), epoch, "q")));
      var locks = RoomView.readLocks(replica.conflicts(ServerFields.LOCK));
      replica.transact(RoomEdits.lock(locks.getFirst()));
      assertEquals(locks, RoomView.readLocks(replica.conflicts(ServerFields.LOCK)));
      assertEquals(at, locks.getFirst().at());
    }
  }
}
