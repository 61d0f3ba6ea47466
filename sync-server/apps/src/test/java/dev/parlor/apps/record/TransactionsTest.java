package dev.parlor.apps.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.MemoryRecordStore;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TransactionsTest {
  private static final RecordKey KEY = new RecordKey("t", "k");

  private final MemoryRecordStore store = new MemoryRecordStore();
  private final Transactions transactions = new Transactions(store);

  @Test
  @DisplayName("a transaction reads its own writes, and its result comes with the commit")
  void ownWrites() throws Exception {
    var read =
        transactions.run(
            "owner",
            transaction -> {
              transaction.put(KEY, Bytes.utf8("1"));
              return transaction.read(KEY);
            });
    assertEquals(Optional.of(Bytes.utf8("1")), get(read));
    assertEquals(
        Optional.of(Bytes.utf8("1")), get(transactions.run("owner", one -> one.read(KEY))));
  }

  @Test
  @DisplayName(
      "a transaction whose record another process changed meanwhile runs again on the new value")
  void retries() throws Exception {
    var runs = new AtomicInteger();
    var result =
        transactions.run(
            "owner",
            transaction -> {
              var before = transaction.read(KEY).map(Bytes::toUtf8).orElse("0");
              if (runs.incrementAndGet() == 1) {
                changeFromOutside("7");
              }
              var next = "" + (Integer.parseInt(before) + 1);
              transaction.put(KEY, Bytes.utf8(next));
              return next;
            });
    assertEquals("8", get(result));
    assertEquals(2, runs.get());
  }

  @Test
  @DisplayName("a transaction that conflicts five times fails with unavailable")
  void givesUp() {
    var runs = new AtomicInteger();
    var result =
        transactions.run(
            "owner",
            transaction -> {
              var _ = transaction.read(KEY);
              changeFromOutside("" + runs.incrementAndGet());
              transaction.put(KEY, Bytes.utf8("mine"));
              return "";
            });
    assertEquals(ErrorCode.UNAVAILABLE, refusal(result).code());
    assertEquals(Transactions.ATTEMPTS_MAX, runs.get());
  }

  @Test
  @DisplayName("if the body refuses, nothing is written and the future has the refusal")
  void refuses() throws Exception {
    var result =
        transactions.run(
            "owner",
            transaction -> {
              transaction.put(KEY, Bytes.utf8("1"));
              throw AppsException.field("mode", "mode is missing");
            });
    assertEquals(Optional.of("mode"), refusal(result).field());
    assertEquals(Optional.empty(), get(transactions.run("owner", one -> one.read(KEY))));
  }

  @Test
  @DisplayName("if the disk refuses, the future fails with unavailable and nothing is written")
  void diskRefuses() throws Exception {
    store.refuseCommits(true);
    var result =
        transactions.run(
            "owner",
            transaction -> {
              transaction.put(KEY, Bytes.utf8("1"));
              return "";
            });
    assertEquals(ErrorCode.UNAVAILABLE, refusal(result).code());
    assertEquals(Optional.empty(), get(transactions.run("owner", one -> one.read(KEY))));
  }

  private void changeFromOutside(String value) {
    store.commit(RecordBatch.of("other").put(KEY, Bytes.utf8(value)).build()).join();
  }

  private static AppsException refusal(CompletableFuture<?> result) {
    var error = assertThrows(ExecutionException.class, () -> get(result));
    return assertInstanceOf(AppsException.class, error.getCause());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }
}
