package dev.parlor.bench.fuzz;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.bench.load.Trace;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The complete, valid histories that the fuzzers start from. Automerge for JavaScript made some of
 * them, the Java bindings the others.
 */
final class Histories {

  private static final long NOW = 1_750_000_000_000L;

  private Histories() {}

  static List<List<ChangeChunk>> all(Path vectors) throws IOException {
    var json = new ObjectMapper();
    var histories = new ArrayList<List<ChangeChunk>>();
    for (var history :
        json.readTree(vectors.resolve("operations.json").toFile()).required("histories")) {
      histories.add(
          decode(history.required("changes").valueStream().map(n -> n.asText()).toList()));
    }
    histories.add(
        decode(
            json.readTree(vectors.resolve("room-js.json").toFile())
                .required("changes")
                .valueStream()
                .map(n -> n.asText())
                .toList()));
    histories.add(Trace.typing(200, 7).chunks().stream().map(Histories::decode).toList());
    histories.add(room(120));
    return List.copyOf(histories);
  }

  private static List<ChangeChunk> decode(List<String> hex) {
    return hex.stream().map(chunk -> decode(Bytes.ofHex(chunk))).toList();
  }

  static ChangeChunk decode(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  static ActorId actor(int number) {
    var bytes = new byte[16];
    bytes[0] = (byte) number;
    bytes[15] = (byte) (number >> 8);
    return new ActorId(Bytes.wrap(bytes));
  }

  /** The history of a room with typical edits of two people and the server. */
  static List<ChangeChunk> room(int edits) {
    var random = new Random(11);
    var ids = new AtomicInteger();
    var chunks = new ArrayList<Bytes>();
    try (var server = Replica.create(actor(70));
        var ada = Replica.create(actor(71));
        var bob = Replica.create(actor(72))) {
      var genesis =
          RoomSchema.genesis(
              GenesisOptions.standard("Room"), () -> "id" + ids.incrementAndGet(), NOW);
      chunks.add(server.transact(genesis).orElseThrow());
      var replicas = List.of(server, ada, bob);
      for (var i = 0; i < edits; i++) {
        var replica = replicas.get(random.nextInt(3));
        if (random.nextInt(3) == 0 || replica.heads().isEmpty()) {
          replica.apply(chunks);
        }
        replica.transact(edit(i, random)).ifPresent(chunks::add);
      }
    }
    return chunks.stream().map(Histories::decode).toList();
  }

  private static List<Edit> edit(int number, Random random) {
    var id = "c" + number;
    return switch (random.nextInt(7)) {
      case 0 ->
          RoomEdits.play(
              new Card(
                  id, CardType.ROLE, "words", null, "ada", NOW, "a" + number, null, false, null));
      case 1 -> RoomEdits.chat(new ChatEntry(id, "bob", NOW, ChatEntry.Kind.SAY, "hi", null));
      case 2 -> RoomEdits.lock(new Lock(id, "ada", NOW, "why?", List.of("id1"), number));
      case 3 -> RoomEdits.grant(new Grant(id, number, NOW, NOW + 1));
      case 4 -> RoomEdits.release();
      case 5 ->
          List.of(
              new Edit.Put(
                  dev.parlor.crdt.replica.Path.of("participants", id),
                  Value.map("name", Value.of(id), "role", Value.of("player"))));
      default ->
          List.of(
              new Edit.SpliceText(
                  dev.parlor.crdt.replica.Path.of("title"), 0, random.nextInt(2), "ab"));
    };
  }
}
