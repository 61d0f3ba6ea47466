package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.StoredMessage;
import dev.parlor.relay.storage.ConflictException;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables that belong to no document: one subject for each record, of which the cluster keeps
 * the last message. This process keeps all records in memory and follows the changes of the other
 * nodes.
 *
 * <h2>Answers before the commit</h2>
 *
 * {@code replace} and {@code putIfAbsent} answer from this memory, and the cluster decides: a write
 * names the sequence of the message that it replaces. If another node was faster, the future of the
 * commit fails, nothing was written, and this memory has the other node's value by then. So a value
 * counts only when its commit has completed, as {@link RecordTable} says.
 *
 * <p>One virtual thread writes, several records at a time but of one record only one write at a
 * time. Safe from any thread.
 *
 * <p>This class is long because one lock guards the memory, the writes on their way and the writes
 * of other nodes.
 */
public final class NatsTables implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NatsTables.class);

  /** Records that are written at the same time; above: the others wait for their answers. */
  private static final int GROUP_MAX = 256;

  /** The last known message of a record, and the writes that are on their way. */
  private static final class Cell {
    private Optional<Bytes> committed = Optional.empty();
    private long sequence;
    private final ArrayDeque<Write> pending = new ArrayDeque<>();

    private Optional<Bytes> current() {
      return pending.isEmpty() ? committed : pending.getLast().value;
    }
  }

  /** A write, or with {@code record == null} a mark that waits for the writes before it. */
  private static final class Write {
    private final @Nullable String record;
    private final Optional<Bytes> value;

    /** Whether the record must have the expected value. */
    private final boolean isConditional;

    private final Optional<Bytes> expected;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Write(
        @Nullable String record,
        Optional<Bytes> value,
        boolean isConditional,
        Optional<Bytes> expected) {
      this.record = record;
      this.value = value;
      this.isConditional = isConditional;
      this.expected = expected;
    }

    static Write mark() {
      return new Write(null, Optional.empty(), false, Optional.empty());
    }

    static Write unconditional(String record, Optional<Bytes> value) {
      return new Write(record, value, false, Optional.empty());
    }

    static Write conditional(String record, Optional<Bytes> expected, Bytes value) {
      return new Write(record, Optional.of(value), true, expected);
    }
  }

  private final ClusterClient client;
  private final ClusterNames names;
  private final ConcurrentHashMap<String, List<Consumer<String>>> listeners =
      new ConcurrentHashMap<>();

  /** Names this process in its writes. */
  private final long writer;

  private final AtomicLong writeCount = new AtomicLong();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Object lock = new Object();
  private final TreeMap<String, Cell> cells = new TreeMap<>();
  private final ArrayDeque<Write> queue = new ArrayDeque<>();
  private boolean working;
  private boolean closed;
  private long lastSeen;
  private final RecordFollower follower;

  /** Reads all records; blocks. */
  public NatsTables(ClusterClient client, RandomGenerator random) throws IOException {
    this.client = client;
    this.names = client.settings().names();
    this.writer = random.nextLong();
    this.follower = new RecordFollower(client, this::lastSeen, this::followed);
    follower.start();
  }

  /** A table; it need not exist before. */
  public RecordTable table(String name) {
    return new Table(name);
  }

  // What other nodes write.

  /** The last sequence of which this process has seen all messages before it. */
  private long lastSeen() {
    synchronized (lock) {
      return lastSeen;
    }
  }

  /** A message arrived in the order of the stream, so that none before it is missing. */
  private void followed(StoredMessage message) {
    seen(message);
    synchronized (lock) {
      lastSeen = Math.max(lastSeen, message.sequence());
    }
  }

  private void seen(StoredMessage message) {
    var words = message.subject().substring(names.subjects().length()).split("\\.", -1);
    if (words.length != 4 || !TableMessage.isReadable(message.data())) {
      LOG.error("the record {} at {} is unreadable", message.subject(), message.sequence());
      return;
    }
    var table = ClusterNames.text(words[2]);
    var key = ClusterNames.text(words[3]);
    synchronized (lock) {
      var cell = cells.computeIfAbsent(RecordName.of(table, key), _ -> new Cell());
      if (message.sequence() <= cell.sequence) {
        return;
      }
      cell.sequence = message.sequence();
      cell.committed = TableMessage.value(message.data());
    }
    if (TableMessage.writer(message.data()) != writer) {
      for (var listener : listeners.getOrDefault(table, List.of())) {
        tell(listener, key);
      }
    }
  }

  private static void tell(Consumer<String> listener, String key) {
    try {
      listener.accept(key);
    } catch (RuntimeException e) {
      LOG.error("the record {} of another node could not be handled", key, e);
    }
  }

  // What this node writes.

  /** The caller holds the lock. */
  private CompletableFuture<Void> add(Write write) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new ClusterException(Kind.CLOSED, "the store is closed"));
    }
    if (write.record != null) {
      cells.computeIfAbsent(write.record, _ -> new Cell()).pending.add(write);
    }
    queue.add(write);
    if (!working) {
      working = true;
      threads.execute(this::work);
    }
    return write.done;
  }

  private void work() {
    for (var group = next(); !group.isEmpty(); group = next()) {
      var problems = new HashMap<Write, IOException>();
      try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var write : group) {
          var _ =
              writers.submit(
                  () -> {
                    var problem = store(write);
                    if (problem != null) {
                      synchronized (problems) {
                        problems.put(write, problem);
                      }
                    }
                  });
        }
      }
      for (var write : group) {
        finish(write, problems.get(write));
      }
    }
  }

  /** The first writes of the queue, of each record one. */
  private List<Write> next() {
    var group = new ArrayList<Write>();
    var records = new HashSet<String>();
    synchronized (lock) {
      while (!queue.isEmpty() && group.size() < GROUP_MAX) {
        var record = queue.element().record;
        if (record != null && !records.add(record)) {
          break;
        }
        group.add(queue.remove());
      }
      working = !group.isEmpty();
    }
    return group;
  }

  /** Stores one write; returns why it failed, or null. */
  private @Nullable IOException store(Write write) {
    var record = write.record;
    if (record == null) {
      return null;
    }
    var separator = record.indexOf('\0');
    var subject = names.record(record.substring(0, separator), record.substring(separator + 1));
    var message = TableMessage.encode(write.value, writer, writeCount.incrementAndGet());
    try {
      while (true) {
        long expected;
        synchronized (lock) {
          var cell = cells.computeIfAbsent(record, _ -> new Cell());
          if (write.isConditional && !cell.committed.equals(write.expected)) {
            return new ConflictException("another node has changed the record");
          }
          expected = cell.sequence;
        }
        try {
          var sequence = client.replace(names.records(), subject, message, expected);
          seen(new StoredMessage(subject, sequence, Bytes.wrap(message)));
          return null;
        } catch (ClusterException e) {
          if (e.kind() != Kind.CONFLICT && e.kind() != Kind.UNKNOWN) {
            return e;
          }
          client.last(names.records(), subject).ifPresent(this::seen);
        }
      }
    } catch (IOException e) {
      return e;
    } catch (RuntimeException e) {
      return new IOException(e);
    }
  }

  private void finish(Write write, @Nullable IOException problem) {
    if (write.record != null) {
      synchronized (lock) {
        var cell = cells.get(write.record);
        if (cell != null) {
          cell.pending.remove(write);
        }
      }
    }
    if (problem == null) {
      write.done.complete(null);
    } else {
      write.done.completeExceptionally(problem);
    }
  }

  /** Refuses further writes and waits until the queued ones are stored or have failed. */
  @Override
  public void close() {
    abandon();
    threads.close();
  }

  /** Refuses further writes and does not wait for the queued ones. */
  public void abandon() {
    follower.close();
    synchronized (lock) {
      closed = true;
    }
  }

  private final class Table implements RecordTable {
    private final String name;

    private Table(String name) {
      this.name = name;
    }

    /** The current value; the caller holds the lock. */
    private Optional<Bytes> known(String record) {
      var cell = cells.get(record);
      return cell == null ? Optional.empty() : cell.current();
    }

    @Override
    public void watch(Consumer<String> listener) {
      listeners.merge(
          name,
          List.of(listener),
          (before, added) -> Stream.concat(before.stream(), added.stream()).toList());
    }

    @Override
    public Optional<Bytes> get(String key) {
      synchronized (lock) {
        return known(RecordName.of(name, key));
      }
    }

    @Override
    public CompletableFuture<Optional<Bytes>> current(String key) {
      var record = RecordName.of(name, key);
      return CompletableFuture.supplyAsync(
          () -> {
            try {
              client
                  .last(names.records(), names.record(name, key))
                  .ifPresent(NatsTables.this::seen);
            } catch (IOException e) {
              throw new CompletionException(e);
            }
            return committed(record);
          },
          Thread::startVirtualThread);
    }

    @Override
    public CompletableFuture<Optional<Bytes>> settled(String key) {
      var record = RecordName.of(name, key);
      synchronized (lock) {
        var cell = cells.get(record);
        return cell == null || cell.pending.isEmpty()
            ? CompletableFuture.completedFuture(committed(record))
            : cell.pending.getLast().done.handle((_, _) -> committed(record));
      }
    }

    private Optional<Bytes> committed(String record) {
      synchronized (lock) {
        var cell = cells.get(record);
        return cell == null ? Optional.empty() : cell.committed;
      }
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      synchronized (lock) {
        return add(Write.unconditional(RecordName.of(name, key), Optional.of(value)));
      }
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      var record = RecordName.of(name, key);
      synchronized (lock) {
        var existing = known(record);
        return existing.isPresent()
            ? new PutIfAbsent(false, existing.get(), add(Write.mark()))
            : new PutIfAbsent(true, value, add(Write.conditional(record, Optional.empty(), value)));
      }
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      var record = RecordName.of(name, key);
      synchronized (lock) {
        return known(record).equals(expected)
            ? new Replaced(true, add(Write.conditional(record, expected, value)))
            : new Replaced(false, CompletableFuture.completedFuture(null));
      }
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      synchronized (lock) {
        return add(Write.unconditional(RecordName.of(name, key), Optional.empty()));
      }
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      var from = RecordName.of(name, prefix);
      var found = new TreeMap<String, Bytes>();
      synchronized (lock) {
        for (Map.Entry<String, Cell> entry :
            cells.subMap(from, from + Character.MAX_VALUE).entrySet()) {
          entry
              .getValue()
              .current()
              .ifPresent(value -> found.put(entry.getKey().substring(name.length() + 1), value));
        }
      }
      return found;
    }
  }
}
