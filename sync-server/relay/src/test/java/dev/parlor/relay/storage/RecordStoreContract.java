package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordStore.Entry;
import dev.parlor.relay.storage.RecordStore.Outcome;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.VersionedValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The contract of {@link RecordStore}; each implementation has one subclass. */
public abstract class RecordStoreContract {

  private static final RecordKey COUNTER = new RecordKey("counters", "a");

  protected RecordStore store = new MemoryRecordStore();

  /** Opens an empty store. */
  protected abstract RecordStore open() throws IOException;

  protected abstract void close() throws IOException;

  /** Makes the disk, or its stand-in, fail every commit, or lets it work again. */
  protected abstract void refuse(boolean now) throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    close();
  }

  @Test
  @DisplayName("a batch puts records of several tables, and each of them can be read")
  void putsSeveral() throws Exception {
    assertEquals(
        new Outcome.Committed(),
        get(
            store.commit(
                batch().put(key("apps", "x"), text("1")).put(COUNTER, text("2")).build())));
    assertEquals(Optional.of(text("1")), value(key("apps", "x")));
    assertEquals(Optional.of(text("2")), value(COUNTER));
    assertEquals(Optional.empty(), value(key("apps", "a")));
  }

  @Test
  @DisplayName("a batch removes a record, and a later batch can expect that there is none")
  void removes() throws Exception {
    get(store.commit(batch().put(COUNTER, text("1")).build()));
    get(store.commit(batch().expect(COUNTER, read(COUNTER)).remove(COUNTER).build()));
    assertEquals(Optional.empty(), value(COUNTER));
    assertEquals(
        new Outcome.Committed(),
        get(
            store.commit(
                batch().expect(COUNTER, Optional.empty()).put(COUNTER, text("2")).build())));
  }

  @Test
  @DisplayName(
      "a batch conflicts if a record changed since it was read, and none of its records is put")
  void conflicts() throws Exception {
    var before = read(COUNTER);
    get(store.commit(batch().put(COUNTER, text("1")).build()));
    var conflicting =
        batch()
            .expect(COUNTER, before)
            .put(COUNTER, text("9"))
            .put(key("apps", "x"), text("9"))
            .build();
    assertEquals(new Outcome.Conflict(COUNTER), get(store.commit(conflicting)));
    assertEquals(Optional.of(text("1")), value(COUNTER));
    assertEquals(Optional.empty(), value(key("apps", "x")));
  }

  @Test
  @DisplayName("a read sees a batch that was submitted before, whether it is committed or not")
  void readsSubmitted() throws Exception {
    var commits = new ArrayList<CompletableFuture<Outcome>>();
    for (var i = 0; i < 100; i++) {
      commits.add(
          store.commit(batch().expect(COUNTER, read(COUNTER)).put(COUNTER, text("" + i)).build()));
      assertEquals(Optional.of(text("" + i)), value(COUNTER));
    }
    for (var commit : commits) {
      assertEquals(new Outcome.Committed(), get(commit));
    }
  }

  @Test
  @DisplayName("eight threads that count up with expectations and retries lose no number")
  void counting() throws Exception {
    var threads = 8;
    var each = 50;
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<java.util.concurrent.Future<?>>();
      for (var t = 0; t < threads; t++) {
        all.add(
            executor.submit(
                () -> {
                  for (var i = 0; i < each; i++) {
                    while (!countUp()) {
                      Thread.onSpinWait();
                    }
                  }
                  return null;
                }));
      }
      for (var one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    }
    assertEquals(Optional.of(text("" + threads * each)), value(COUNTER));
    var entries = get(store.range(Range.ofPrefix("entries", "", 1_000)));
    assertEquals(threads * each, entries.size(), "each number was taken once");
  }

  private boolean countUp() throws Exception {
    var read = read(COUNTER);
    var next = read.map(versioned -> Integer.parseInt(versioned.value().toUtf8())).orElse(0) + 1;
    var batch =
        batch()
            .expect(COUNTER, read)
            .put(COUNTER, text("" + next))
            .put(key("entries", String.format("%05d", next)), text("x"))
            .build();
    return get(store.commit(batch)) instanceof Outcome.Committed;
  }

  @Test
  @DisplayName("a range has its first or its last records, of the disk and of uncommitted batches")
  void ranges() throws Exception {
    for (var i = 0; i < 20; i += 2) {
      get(store.commit(batch().put(key("t", number(i)), text("disk")).build()));
    }
    get(store.commit(batch().put(key("s", number(3)), text("other table")).build()));
    get(store.commit(batch().put(key("u", number(3)), text("other table")).build()));
    var last =
        store.commit(
            batch().remove(key("t", number(4))).put(key("t", number(5)), text("new")).build());
    assertEquals(
        List.of(number(2), number(5), number(6)),
        keys(store.range(new Range("t", number(1), number(8), 3, false))));
    assertEquals(
        List.of(number(18), number(16)), keys(store.range(Range.ofPrefix("t", "", 2).reversed())));
    assertEquals(
        List.of(number(6), number(5), number(2)),
        keys(store.range(new Range("t", number(1), number(8), 5, true))));
    assertEquals(List.of(), keys(store.range(new Range("t", number(4), number(5), 5, false))));
    get(last);
    assertEquals(
        List.of(number(2), number(5), number(6)),
        keys(store.range(new Range("t", number(1), number(8), 3, false))));
  }

  @Test
  @DisplayName(
      "if the disk refuses a batch, its future fails, none of its records is there, and a later batch is stored")
  void refusedByTheDisk() throws Exception {
    get(store.commit(batch().put(COUNTER, text("1")).build()));
    refuse(true);
    var failed =
        store.commit(
            batch()
                .expect(COUNTER, read(COUNTER))
                .put(COUNTER, text("2"))
                .put(key("t", "x"), text("2"))
                .build());
    var error = assertThrows(ExecutionException.class, () -> get(failed));
    assertTrue(error.getCause() instanceof IOException, "" + error.getCause());
    assertEquals(Optional.of(text("1")), value(COUNTER));
    assertEquals(Optional.empty(), value(key("t", "x")));
    refuse(false);
    assertEquals(
        new Outcome.Committed(),
        get(store.commit(batch().expect(COUNTER, read(COUNTER)).put(COUNTER, text("2")).build())));
  }

  private static RecordBatch.Builder batch() {
    return RecordBatch.of("owner");
  }

  private static RecordKey key(String table, String key) {
    return new RecordKey(table, key);
  }

  private static Bytes text(String text) {
    return Bytes.utf8(text);
  }

  private static String number(int number) {
    return String.format("%03d", number);
  }

  private Optional<VersionedValue> read(RecordKey key) throws Exception {
    return get(store.read(key));
  }

  private Optional<Bytes> value(RecordKey key) throws Exception {
    return read(key).map(VersionedValue::value);
  }

  private static List<String> keys(CompletableFuture<List<Entry>> entries) throws Exception {
    return get(entries).stream().map(Entry::key).toList();
  }

  protected static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }
}
