package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * A process that writes to a store while a test kills it or limits its disk. It prints each
 * acknowledged write as one line on its standard output, after the future completed.
 */
public final class StoreChild {

  static final int WRITERS = 4;

  /**
   * After this many changes, a writer puts the index of the next change into its document's table.
   */
  static final int RECORD_EVERY = 200;

  private static final PrintStream OUT =
      new PrintStream(System.out, false, StandardCharsets.US_ASCII);

  private StoreChild() {}

  /**
   * Writes until it is killed, or until its disk is full.
   *
   * @param arguments the mode ({@code crash} or {@code fill}), the data directory and the number of
   *     its shards
   */
  public static void main(String[] arguments) throws Exception {
    var store = open(Path.of(arguments[1]), Integer.parseInt(arguments[2]));
    print("open");
    switch (arguments[0]) {
      case "crash" -> crash(store, arguments);
      case "fill" -> fill(store);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  static StoreOnDisk open(Path directory, int shards) throws IOException {
    return StoreOnDisk.open(
        directory,
        new Shards(OptionalInt.of(shards), Set.of()),
        Limits.defaults().storage(),
        new Metrics(),
        UUID::randomUUID);
  }

  /** The {@code index}-th change of a writer; the same in each process. */
  static ChangeRecord change(int writer, int index) {
    var random = new Random(writer * 1_000_003L + index);
    var chunk = new byte[40 + random.nextInt(400)];
    random.nextBytes(chunk);
    return new ChangeRecord(ChangeStoreContract.hash(random), Bytes.wrap(chunk));
  }

  /** A snapshot whose first four bytes are the number of changes it covers. */
  static Bytes snapshot(int writer, int covered) {
    var bytes = new byte[20_000];
    new Random(writer).nextBytes(bytes);
    java.nio.ByteBuffer.wrap(bytes).putInt(0, covered);
    return Bytes.wrap(bytes);
  }

  private static RecordTable documentTable(StoreOnDisk store, int writer) {
    return store.tableOf(ChangeStoreContract.document(writer), "beside");
  }

  /** The last index that a writer put into its document's table, or 0. */
  static int recordedIndex(StoreOnDisk store, int writer) {
    return documentTable(store, writer)
        .get(ChangeStoreContract.document(writer) + "/next")
        .map(value -> Integer.parseInt(value.toUtf8()))
        .orElse(0);
  }

  private static void crash(StoreOnDisk store, String[] arguments) throws Exception {
    var threads = new ArrayList<Thread>();
    for (var writer = 0; writer < WRITERS; writer++) {
      var writerNumber = writer;
      var from = Integer.parseInt(arguments[3 + writer]);
      threads.add(Thread.ofPlatform().start(() -> write(store, writerNumber, from)));
    }
    for (var thread : threads) {
      thread.join();
    }
  }

  private static void write(StoreOnDisk store, int writer, int from) {
    var document = ChangeStoreContract.document(writer);
    var random = new Random(from);
    var next = from;
    // Unacknowledged changes may be stored as well. The writer writes them again.
    var recorded = recordedIndex(store, writer);
    try {
      while (true) {
        var batch = new ArrayList<ChangeRecord>();
        for (var i = 0; i < 1 + random.nextInt(writer == 0 ? 1 : 60); i++) {
          batch.add(change(writer, next++));
        }
        if (next / RECORD_EVERY > (next - batch.size()) / RECORD_EVERY) {
          // Do not wait: the record is on the disk no later than the following append.
          recorded = Math.max(recorded, next);
          var _ = documentTable(store, writer).put(document + "/next", Bytes.utf8("" + recorded));
        }
        store.append(document, batch).get();
        print("change " + writer + " " + (next - 1));
        if (random.nextInt(25) == 0) {
          var covered = new HashSet<ChangeHash>();
          for (var i = 0; i < next; i++) {
            covered.add(change(writer, i).hash());
          }
          // Do not wait, so that the kill hits running compactions.
          var _ = store.compact(document, snapshot(writer, next), covered);
        }
        if (random.nextInt(5) == 0) {
          store.table("epochs").put("w" + writer, Bytes.utf8("" + next)).get();
          print("record " + writer + " " + next);
        }
      }
    } catch (InterruptedException | ExecutionException e) {
      print("failed " + e);
    }
  }

  /**
   * Appends until the disk is full. After a line on the standard input, appends ten more changes.
   */
  private static void fill(StoreOnDisk store) throws Exception {
    var document = ChangeStoreContract.A;
    var index = 0;
    var refused = false;
    while (!refused && index < 3_000) {
      refused = !append(store, index++);
    }
    // The disk is full: another append fails as well, and reading works.
    append(store, index++);
    print("stored " + store.load(document).orElseThrow().tail().size());
    print("healthy " + store.condition().well());
    print("waiting");
    if (System.in.read() < 0) {
      return;
    }
    for (var i = 0; i < 10; i++) {
      append(store, index++);
    }
    print("stored " + store.load(document).orElseThrow().tail().size());
    print("healthy " + store.condition().well());
    store.close();
    print("closed");
  }

  private static boolean append(StoreOnDisk store, int index) throws InterruptedException {
    try {
      store.append(ChangeStoreContract.A, List.of(large(index))).get();
      print("change " + index);
      return true;
    } catch (ExecutionException e) {
      print("refused " + index + " " + e.getCause());
      return false;
    }
  }

  /** A change of 20,000 bytes; the same index gives the same change. */
  static ChangeRecord large(int index) {
    var random = new Random(index);
    var chunk = new byte[20_000];
    random.nextBytes(chunk);
    return new ChangeRecord(ChangeStoreContract.hash(random), Bytes.wrap(chunk));
  }

  private static void print(String line) {
    synchronized (OUT) {
      OUT.println(line);
      OUT.flush();
    }
  }
}
