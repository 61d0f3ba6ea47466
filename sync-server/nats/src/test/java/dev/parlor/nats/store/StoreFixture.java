package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A new cluster with two shards, the stores of its nodes, and made-up changes. */
public final class StoreFixture implements AutoCloseable {

  /** A document. */
  public static final DocumentId A = DocumentId.of(Bytes.utf8("document a"));

  /** Another document. */
  public static final DocumentId B = DocumentId.of(Bytes.utf8("document b"));

  /** Where the cluster is. */
  public final ClusterSettings settings;

  /** A client of an operator, who is no node. */
  public final ClusterClient operator;

  private final List<NatsChangeStore> stores = new ArrayList<>();

  /** Creates the streams of a cluster. */
  public StoreFixture(ClusterSettings settings, int replicas) throws IOException {
    this.settings = settings;
    this.operator = new ClusterClient(settings);
    var _ = ClusterStreams.create(operator, new ClusterStreams.Created(2, replicas, "the storage"));
  }

  /** Settings that count a request as unanswered after {@code requestMillis}. */
  public static ClusterSettings impatient(ClusterSettings usual, int requestMillis) {
    var limits = usual.limits();
    return new ClusterSettings(
        usual.servers(),
        usual.credentials(),
        usual.names(),
        new ClusterLimits(
            requestMillis,
            limits.appendMillis(),
            limits.partBytesMax(),
            limits.groupBytesMax(),
            limits.busQueueMessagesMax(),
            limits.incompleteBytesMax(),
            50));
  }

  /** The store of another node. */
  public NatsChangeStore node() throws IOException {
    var store = NatsChangeStore.open(settings, new SecureRandom());
    stores.add(store);
    return store;
  }

  String log(DocumentId document) {
    return settings.names().log(document, 2);
  }

  String logStream(DocumentId document) {
    return settings.names().log(ClusterNames.shardOf(document, 2));
  }

  /** Made-up changes; the same seed makes the same changes. */
  public static List<ChangeRecord> changes(long seed, int count) {
    var random = new Random(seed);
    var changes = new ArrayList<ChangeRecord>();
    for (var i = 0; i < count; i++) {
      var chunk = new byte[60 + random.nextInt(200)];
      random.nextBytes(chunk);
      changes.add(
          new ChangeRecord(
              new ChangeHash(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
              Bytes.wrap(chunk)));
    }
    return changes;
  }

  /** The hashes of changes. */
  public static Set<ChangeHash> hashes(List<ChangeRecord> changes) {
    var hashes = new HashSet<ChangeHash>();
    changes.forEach(change -> hashes.add(change.hash()));
    return hashes;
  }

  /** Waits at most 30 s for a result. */
  public static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    for (var store : stores) {
      store.close();
    }
    operator.close();
  }
}
