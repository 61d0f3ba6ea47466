package dev.parlor.nats.command;

import static dev.parlor.nats.store.StoreFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.nodes.Heartbeats;
import dev.parlor.nats.store.NatsChangeStore;
import dev.parlor.nats.store.StoreFixture;
import dev.parlor.relay.backup.BackupChain;
import dev.parlor.relay.backup.BackupRestore;
import dev.parlor.relay.backup.BesideFiles;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.ServerStore;
import dev.parlor.relay.storage.StoreOnDisk;
import dev.parlor.relay.storage.StoredTables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moves all data between clusters and data directories with the commands of the operator. */
class ClusterMoveTest {

  private static final int DOCUMENTS = 12;
  private static final List<String> TABLES = List.of("rooms", "identities", "links");

  @TempDir private static Path serverFolder;
  private static NatsServer server;

  @TempDir private Path folder;

  @BeforeAll
  static void startServer() throws IOException {
    server = NatsServer.start(serverFolder, "2m");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private record Run(int status, String out, String err) {}

  private static Run run(String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--cluster", server.url()));
    var status =
        Main.run(
            all,
            Map.of(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static void init(String prefix, int shards) {
    var run = run("init", "--prefix", prefix, "--shards", "" + shards, "--replicas", "1");
    assertEquals(0, run.status, run.err);
  }

  private static NatsChangeStore cluster(String prefix) throws IOException {
    return NatsChangeStore.open(
        new ClusterSettings(
            List.of(server.url()),
            java.util.Optional.empty(),
            ClusterNames.ofPrefix(prefix),
            ClusterLimits.DEFAULT),
        new SecureRandom());
  }

  private static StoreOnDisk directory(Path path, int shards) throws IOException {
    return StoreOnDisk.open(
        path,
        new Shards(shards == 0 ? OptionalInt.empty() : OptionalInt.of(shards), Set.of()),
        Limits.defaults().storage(),
        new Metrics(),
        UUID::randomUUID);
  }

  private static DocumentId document(int number) {
    return DocumentId.of(Bytes.utf8("document " + (10 + number)));
  }

  /** Documents with and without snapshot and records, tables, small and large records. */
  private static void fill(ServerStore store) throws Exception {
    for (var i = 0; i < DOCUMENTS; i++) {
      var id = document(i);
      await(store.tableOf(id, "generations").put(id.value() + "/1", Bytes.utf8("record " + i)));
      if (i == 0) {
        continue; // a document that has a record only
      }
      var changes = StoreFixture.changes(i, 4);
      await(store.append(id, changes.subList(0, 3)));
      if (i % 3 == 0) {
        await(store.compact(id, random(i, 700_000), StoreFixture.hashes(changes.subList(0, 2))));
        await(store.append(id, changes.subList(3, 4)));
      }
      if (i == 4) {
        await(store.remove(id));
        await(store.tableOf(id, "tombstones").put(id.value(), Bytes.utf8("removed")));
      }
    }
    for (var table : TABLES) {
      for (var i = 0; i < 20; i++) {
        await(store.table(table).put("key " + i, Bytes.utf8(table + i)));
      }
      await(store.table(table).remove("key 7"));
    }
    var batch = RecordBatch.of("o");
    for (var i = 0; i < 120; i++) {
      batch.put(new RecordKey("contexts", "c" + i), random(i, i * 70));
    }
    await(store.recordStore().commit(batch.build()));
    await(
        store
            .recordStore()
            .commit(
                RecordBatch.of("o")
                    .put(new RecordKey("assets", "image"), random(1, 1_300_000))
                    .remove(new RecordKey("contexts", "c3"))
                    .build()));
  }

  private static Bytes random(long seed, int length) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /** Everything that a store has, in a form that can be compared. */
  private static Map<String, Object> contents(ServerStore store) throws Exception {
    var contents = new TreeMap<String, Object>();
    contents.put("storage id", store.storageId());
    contents.put(
        "documents", new TreeSet<>(store.documents().stream().map(DocumentId::value).toList()));
    for (var i = 0; i < DOCUMENTS; i++) {
      var id = document(i);
      var loaded = store.load(id);
      contents.put("snapshot " + i, loaded.flatMap(found -> found.snapshot()));
      contents.put(
          "tail " + i, loaded.map(found -> List.copyOf(new LinkedHashSet<>(found.tail()))));
      for (var table : List.of("generations", "tombstones")) {
        contents.put(table + " " + i, store.tableOf(id, table).withPrefix(id.value()));
      }
    }
    for (var table : TABLES) {
      contents.put("table " + table, store.table(table).withPrefix(""));
    }
    for (var table : List.of("contexts", "assets")) {
      contents.put(
          "records " + table, await(store.recordStore().range(Range.ofPrefix(table, "", 1_000))));
    }
    return contents;
  }

  @Test
  @DisplayName(
      "everything of a cluster is exported, and imported into another one with other shards it is the same")
  void clusterToCluster() throws Exception {
    init("from", 2);
    Map<String, Object> before;
    try (var store = cluster("from")) {
      fill(store);
      before = contents(store);
    }
    var exported = run("export", folder.toString(), "--prefix", "from");
    assertEquals(0, exported.status, exported.err);
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count(), "one file, and nothing unfinished");
    }
    init("to", 3);
    var imported = run("import", folder.toString(), "--prefix", "to");
    assertEquals(0, imported.status, imported.err);
    try (var store = cluster("to")) {
      assertEquals(before, contents(store));
      var added = StoreFixture.changes(99, 1);
      await(store.append(document(3), added));
      var tail = store.load(document(3)).orElseThrow().tail();
      assertTrue(tail.containsAll(added) && tail.size() > 1, "the imported document goes on");
    }
    var again = run("import", folder.toString(), "--prefix", "to");
    assertEquals(2, again.status);
    assertTrue(again.err.contains("the cluster has data already"), again.err);
  }

  @Test
  @DisplayName(
      "a move from one machine to a cluster and back changes nothing, with and without shards")
  void machineToClusterAndBack() throws Exception {
    for (var shards : List.of(1, 3)) {
      var source = folder.resolve("source" + shards);
      Map<String, Object> before;
      try (var store = directory(source, shards)) {
        fill(store);
        before = contents(store);
      }
      var prefix = "machine" + shards;
      init(prefix, shards);
      var imported = run("import", source.toString(), "--prefix", prefix);
      assertEquals(0, imported.status, imported.err);
      try (var store = cluster(prefix)) {
        assertEquals(before, contents(store));
      }
      var exports = folder.resolve("exports" + shards);
      var exported = run("export", exports.toString(), "--prefix", prefix);
      assertEquals(0, exported.status, exported.err);
      var back = folder.resolve("back" + shards);
      var chain = BackupChain.of(BackupChain.newestIn(exports).orElseThrow());
      // The chunks of this test are no real changes, so the check of the change graph is left out.
      var _ = new BackupRestore(chain, Limits.defaults().storage(), new NoFiles()).into(back, true);
      try (var store = directory(back, 0)) {
        assertEquals(before, contents(store));
      }
    }
  }

  @Test
  @DisplayName(
      "an import that ended early keeps nodes away, and the next import begins again from nothing")
  void interruptedImport() throws Exception {
    var source = folder.resolve("source");
    Map<String, Object> before;
    try (var store = directory(source, 1)) {
      fill(store);
      before = contents(store);
    }
    init("broken", 2);
    try (var store = cluster("broken")) {
      await(store.table("rooms").put("half", Bytes.utf8("x")));
      await(store.append(document(1), StoreFixture.changes(50, 1)));
      ClusterStreams.beginImport(store.client());
    }
    var refused = assertThrows(IOException.class, () -> cluster("broken").close());
    assertTrue(String.valueOf(refused.getMessage()).contains("import"), refused.toString());
    var imported = run("import", source.toString(), "--prefix", "broken");
    assertEquals(0, imported.status, imported.err);
    try (var store = cluster("broken")) {
      assertEquals(before, contents(store));
    }
  }

  @Test
  @DisplayName("an import is refused while a node sends heartbeats, and goes on when it has left")
  void runningNode() throws Exception {
    var source = folder.resolve("source");
    directory(source, 1).close();
    init("busy", 1);
    var settings =
        new ClusterSettings(
            List.of(server.url()),
            java.util.Optional.empty(),
            ClusterNames.ofPrefix("busy"),
            ClusterLimits.DEFAULT);
    try (var _ = Heartbeats.start(settings, 4_000, new SecureRandom())) {
      var refused = run("import", source.toString(), "--prefix", "busy");
      assertEquals(2, refused.status);
      assertTrue(refused.err.contains("stop all nodes"), refused.err);
    }
    var imported = run("import", source.toString(), "--prefix", "busy");
    assertEquals(0, imported.status, imported.err);
  }

  @Test
  @DisplayName("a damaged backup is refused, and the cluster stays empty")
  void damagedBackup() throws Exception {
    init("intact", 1);
    try (var store = cluster("intact")) {
      fill(store);
    }
    assertEquals(0, run("export", folder.toString(), "--prefix", "intact").status);
    var file = BackupChain.newestIn(folder).orElseThrow();
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    init("target", 1);
    var imported = run("import", file.toString(), "--prefix", "target");
    assertEquals(2, imported.status);
    assertTrue(imported.err.startsWith("parlor: nothing was imported"), imported.err);
    try (var store = cluster("target")) {
      assertEquals(Set.of(), store.documents());
    }
  }

  @Test
  @DisplayName(
      "init creates the streams that an older cluster lacks, without the numbers of shards")
  void initAgain() throws Exception {
    init("old", 3);
    try (var client =
        new ClusterClient(
            new ClusterSettings(
                List.of(server.url()),
                java.util.Optional.empty(),
                ClusterNames.ofPrefix("old"),
                ClusterLimits.DEFAULT))) {
      for (var stream : List.of("old_BATCHES", "old_VALUES", "old_BRIEF")) {
        assertTrue(client.management().deleteStream(stream));
      }
    }
    var refused = assertThrows(IOException.class, () -> cluster("old").close());
    assertTrue(String.valueOf(refused.getMessage()).contains("./parlor cluster init"));
    assertEquals(2, run("check", "--prefix", "old", "--replicas", "1").status);
    var again = run("init", "--prefix", "old");
    assertEquals(0, again.status, again.err);
    assertEquals(0, run("check", "--prefix", "old", "--replicas", "1").status);
    cluster("old").close();
  }

  @Test
  @DisplayName(
      "every table of documents and every table of batches in the code is listed by its kind")
  void tablesAreListed() throws IOException {
    var ofDocuments = new TreeSet<String>();
    var inBatches = new TreeSet<String>();
    for (var module : List.of("relay", "room", "apps", "server")) {
      try (var files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        for (var file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          var code = Files.readString(file);
          ofDocuments.addAll(names(code, "\\.tableOf\\(\\s*\\w+(?:\\(\\))?,\\s*"));
          inBatches.addAll(names(code, "new RecordKey\\(\\s*"));
          if (code.contains("new RecordKey(table")) {
            inBatches.addAll(names(code, "\\b(?:key|entries)\\(\\s*"));
          }
        }
      }
    }
    assertEquals(new TreeSet<>(StoredTables.OF_DOCUMENTS), ofDocuments);
    assertEquals(new TreeSet<>(StoredTables.IN_BATCHES), inBatches);
  }

  /** The texts, or the constants of texts, that follow a pattern in the code. */
  private static Set<String> names(String code, String before) {
    var found = new TreeSet<String>();
    var uses = Pattern.compile(before + "(?:\"([a-z-]+)\"|([A-Z_]+)\\b)").matcher(code);
    while (uses.find()) {
      if (uses.group(1) != null) {
        found.add(uses.group(1));
      } else {
        var constant = Pattern.compile("\\b" + uses.group(2) + " =\\s*\"([a-z-]+)\"").matcher(code);
        if (constant.find()) {
          found.add(constant.group(1));
        }
      }
    }
    return found;
  }

  /** There are no files beside the store. */
  private static final class NoFiles implements BesideFiles {
    @Override
    public String problemOf(String name, Bytes file) {
      return "no file is expected";
    }

    @Override
    public void write(Path dataDirectory, String name, Bytes file) {}
  }
}
