package dev.parlor.nats.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.client.StoredMessage;
import dev.parlor.relay.cluster.HeartbeatRule;
import dev.parlor.relay.cluster.LiveNodes;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The heartbeats of the nodes. Each node publishes a growing number four times in a lease time, on
 * a subject of its own. A stream keeps the last message of each subject. All nodes receive the
 * messages when they are published.
 *
 * <p>A message can be lost on the way to a node. So before this node counts another one as gone, it
 * reads that node's last heartbeat from the stream's leader. A node that cannot read counts no node
 * as gone, and time in which this node was itself not alive does not count as silence of the
 * others. The stream deletes the heartbeat of a node one hour after it was published.
 *
 * <p>Has a connection of its own, so that no heartbeat waits behind large entries. One thread
 * publishes and one thread judges the other nodes. Safe from any thread.
 */
public final class Heartbeats implements LiveNodes, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

  private static final int BEATS_PER_LEASE = 4;
  private static final int JUDGMENTS_PER_LEASE = 16;

  /** Attempts in one lease time while the cluster does not acknowledge, and time for an answer. */
  private static final int RETRIES_PER_LEASE = 32;

  private static final int ANSWERS_PER_LEASE = 10;

  private final ClusterClient client;
  private final ClusterNames names;
  private final String self;
  private final int leaseMillis;
  private final LongSupplier clock;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private final HeartbeatRule rule;
  private final List<Thread> threads = new ArrayList<>();
  private long count;
  private boolean closed;

  private Heartbeats(ClusterClient client, String self, int leaseMillis, LongSupplier clock) {
    this.client = client;
    this.names = client.settings().names();
    this.self = self;
    this.leaseMillis = leaseMillis;
    this.clock = clock;
    this.rule = new HeartbeatRule(self, leaseMillis, clock);
  }

  /** Publishes the first heartbeat and reads those of the other nodes; blocks. */
  public static Heartbeats start(ClusterSettings settings, int leaseMillis, RandomGenerator random)
      throws IOException {
    var heartbeats = open(settings, leaseMillis, random, () -> System.nanoTime() / 1_000_000);
    heartbeats.startThreads();
    return heartbeats;
  }

  /**
   * As {@link #start}, without threads: the caller calls {@link #beat} and {@link #judge}.
   *
   * @param clock milliseconds since any moment; never goes back
   */
  static Heartbeats open(
      ClusterSettings settings, int leaseMillis, RandomGenerator random, LongSupplier clock)
      throws IOException {
    var name = new byte[12];
    random.nextBytes(name);
    var client = new ClusterClient(settings);
    try {
      if (ClusterStreams.info(client, settings.names().beats()).isEmpty()) {
        throw new IOException(
            "the cluster lacks the stream "
                + settings.names().beats()
                + "; create it with ./parlor cluster init");
      }
      var heartbeats =
          new Heartbeats(client, "node-" + Bytes.wrap(name).toHex(), leaseMillis, clock);
      heartbeats.begin();
      return heartbeats;
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private void begin() throws IOException {
    var _ =
        client
            .connection()
            .createDispatcher()
            .subscribe(names.beatSubjects(), (Message message) -> heard(message));
    client
        .read(names.beats(), names.beatSubjects(), 1, Long.MAX_VALUE)
        .forEach(beat -> heard(beat.subject(), beat.data()));
    if (!beat()) {
      throw new IOException("the cluster does not acknowledge the heartbeat of this node");
    }
  }

  private void startThreads() {
    threads.add(
        Thread.ofVirtual()
            .name("heartbeat")
            .start(
                () -> repeat(() -> leaseMillis / (beat() ? BEATS_PER_LEASE : RETRIES_PER_LEASE))));
    threads.add(
        Thread.ofVirtual()
            .name("nodes-alive")
            .start(
                () ->
                    repeat(
                        () -> {
                          judge();
                          return leaseMillis / JUDGMENTS_PER_LEASE;
                        })));
  }

  /**
   * Runs a task until this is closed.
   *
   * @param task returns the milliseconds until its next run
   */
  private void repeat(IntSupplier task) {
    var pauseMillis = 0;
    while (!isClosed()) {
      try {
        Thread.sleep(Math.max(1, pauseMillis));
        pauseMillis = task.getAsInt();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the heartbeats of the nodes", e);
        pauseMillis = leaseMillis / RETRIES_PER_LEASE;
      }
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  // This node.

  /** Publishes a heartbeat; blocks. Returns whether the cluster acknowledged it. */
  boolean beat() {
    long number;
    synchronized (lock) {
      if (closed) {
        return false;
      }
      number = ++count;
    }
    var startedAt = clock.getAsLong();
    if (!publish(number)) {
      return false;
    }
    rule.acknowledged(startedAt);
    return true;
  }

  /**
   * Publishes a number; returns whether the cluster acknowledged it. Waits less than other requests
   * do: the last acknowledged heartbeat should survive a change of the leader.
   */
  private boolean publish(long number) {
    try {
      var answer =
          client
              .connection()
              .request(
                  names.beat(self),
                  ByteBuffer.allocate(Long.BYTES).putLong(number).array(),
                  Duration.ofMillis(Math.max(100, leaseMillis / ANSWERS_PER_LEASE)));
      if (answer == null || answer.isStatusMessage()) {
        return false;
      }
      var _ = new PublishAck(answer); // throws if the answer is an error
      return true;
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      LOG.debug("a heartbeat was not acknowledged: {}", e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public boolean isSelfAlive() {
    return rule.isSelfAlive();
  }

  @Override
  public long period() {
    return rule.period();
  }

  // The other nodes.

  private void heard(Message message) {
    heard(message.getSubject(), Bytes.wrap(message.getData()));
  }

  private void heard(String subject, Bytes data) {
    var node = subject.substring(subject.lastIndexOf('.') + 1);
    if (data.length() == Long.BYTES && rule.heard(node, data.buffer().getLong(0))) {
      LOG.info("the node {} has left", node);
      tell(node);
    }
  }

  /** Looks for nodes that were silent for one lease time; blocks on the cluster. */
  void judge() {
    rule.silent().forEach(this::judge);
  }

  /** Reads the last heartbeat of a silent node: its messages may have been lost on the way here. */
  private void judge(String node) {
    if (readLastBeat(node) && rule.judge(node)) {
      LOG.warn("the node {} is gone: it was silent for {} ms", node, leaseMillis);
      tell(node);
    }
  }

  /** Blocks on the cluster; returns false if it does not answer. */
  private boolean readLastBeat(String node) {
    try {
      client
          .last(names.beats(), names.beat(node))
          .ifPresent(beat -> heard(beat.subject(), beat.data()));
      return true;
    } catch (IOException e) {
      LOG.debug("the heartbeat of the node {} cannot be read: {}", node, e.getMessage());
      return false;
    }
  }

  private void tell(String node) {
    listeners.forEach(listener -> listener.accept(node));
  }

  @Override
  public boolean isGone(String node) {
    return rule.isGone(node);
  }

  @Override
  public CompletableFuture<Boolean> confirmGone(String node) {
    return CompletableFuture.supplyAsync(
        () -> readLastBeat(node) && rule.isGone(node),
        task -> Thread.ofVirtual().name("gone").start(task));
  }

  @Override
  public Set<String> present() {
    return rule.present();
  }

  /** Whether a heartbeat is the last message of a node that has left. */
  public static boolean hasLeft(StoredMessage beat) {
    return beat.data().length() == Long.BYTES
        && beat.data().buffer().getLong(0) == HeartbeatRule.LEFT;
  }

  @Override
  public void onGone(Consumer<String> listener) {
    listeners.add(listener);
  }

  /** Tells the other nodes that this node leaves. They count it as gone at once. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    rule.leave();
    threads.forEach(Thread::interrupt);
    for (var thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (!publish(HeartbeatRule.LEFT)) {
      LOG.warn("the other nodes will learn after {} ms that this node left", leaseMillis);
    }
    client.close();
  }
}
