package dev.parlor.nats.client;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Creates the streams of a cluster and reads how they were created. The number of shards and the id
 * of the storage are in the metadata of one stream and never change.
 */
public final class ClusterStreams {

  private static final String SHARDS = "parlor-shards";
  private static final String STORAGE = "parlor-storage-id";
  private static final String VERSION = "parlor-version";
  private static final String FORMAT = "1";

  /** The key that the metadata has while an import runs. */
  private static final String IMPORT = "parlor-import";

  // Numbers of errors of the server.
  private static final int NO_SUITABLE_PEERS = 10005;
  private static final int NAME_IN_USE = 10058;
  private static final int STREAM_NOT_FOUND = 10059;
  private static final int NOT_CLUSTERED = 10074;

  /** Bytes of the entries that could not be read; above: the oldest are deleted. */
  private static final long UNREADABLE_BYTES_MAX = 64L << 20;

  /** Time after which the last heartbeat of a node that is gone is deleted. */
  private static final Duration BEATS_KEPT = Duration.ofHours(1);

  private ClusterStreams() {}

  /**
   * How the cluster was created.
   *
   * @param storageId the id under which clients learn that changes are saved here
   */
  public record Created(int shards, int replicas, String storageId) {}

  /** The cluster's properties; empty if it was not created yet. */
  public static Optional<Created> find(ClusterClient client) throws IOException {
    var names = client.settings().names();
    var info = info(client, names.records());
    if (info.isEmpty()) {
      return Optional.empty();
    }
    var metadata = info.get().getConfiguration().getMetadata();
    var version = metadata == null ? null : metadata.get(VERSION);
    if (metadata == null || !FORMAT.equals(version)) {
      throw new IOException(
          "the stream "
              + names.records()
              + " was not created by this version of Parlor (its format is "
              + version
              + "); choose another prefix or the right version");
    }
    return Optional.of(
        new Created(
            Integer.parseInt(metadata.getOrDefault(SHARDS, "0")),
            info.get().getConfiguration().getReplicas(),
            metadata.getOrDefault(STORAGE, "")));
  }

  /**
   * Creates the streams that are missing.
   *
   * @param wanted the properties of a new cluster
   * @return the properties of the cluster
   * @throws IOException if it exists with another number of shards or replicas
   */
  public static Created create(ClusterClient client, Created wanted) throws IOException {
    var names = client.settings().names();
    var found = find(client);
    if (found.isPresent()) {
      refuseOther(found.get(), wanted);
    }
    var cluster = found.orElse(wanted);
    add(
        client,
        stream(names.records(), names.recordSubjects(), cluster)
            .maxMessagesPerSubject(1)
            .metadata(
                Map.of(
                    SHARDS, Integer.toString(cluster.shards()),
                    STORAGE, cluster.storageId(),
                    VERSION, FORMAT))
            .build());
    add(
        client,
        stream(names.unreadable(), names.unreadableSubjects(), cluster)
            .discardPolicy(DiscardPolicy.Old)
            .maxBytes(UNREADABLE_BYTES_MAX)
            .build());
    add(
        client,
        stream(names.batches(), names.batchSubjects(), cluster)
            .maxMessagesPerSubject(1)
            .allowAtomicPublish()
            .allowMessageTtl()
            .build());
    add(client, stream(names.values(), names.valueSubjects(), cluster).build());
    add(
        client,
        stream(names.brief(), names.briefSubjects(), cluster)
            .storageType(inMemory(cluster))
            .maxMessagesPerSubject(1)
            .allowMessageTtl()
            .build());
    add(
        client,
        stream(names.beats(), names.beatSubjects(), cluster)
            .storageType(inMemory(cluster))
            .maxMessagesPerSubject(1)
            .discardPolicy(DiscardPolicy.Old)
            .maxAge(BEATS_KEPT)
            .build());
    for (var shard = 0; shard < cluster.shards(); shard++) {
      add(
          client,
          stream(names.pointers(shard), names.pointerSubjects(shard), cluster)
              .maxMessagesPerSubject(1)
              .build());
      add(client, stream(names.objects(shard), names.objectSubjects(shard), cluster).build());
      add(client, stream(names.log(shard), names.logSubjects(shard), cluster).build());
    }
    // Of several processes that create a cluster at once, the first decides.
    var created = find(client).orElse(cluster);
    refuseOther(created, wanted);
    return created;
  }

  private static void refuseOther(Created found, Created wanted) throws IOException {
    if (found.shards() != wanted.shards() || found.replicas() != wanted.replicas()) {
      throw new IOException(
          "the cluster exists with "
              + found.shards()
              + " shards and "
              + found.replicas()
              + " replicas, which cannot be changed; give the same numbers or another prefix");
    }
  }

  /** The id of the storage to which a stream belongs; empty for a stream of an early version. */
  public static Optional<String> storageId(StreamInfo stream) {
    var metadata = stream.getConfiguration().getMetadata();
    return metadata == null ? Optional.empty() : Optional.ofNullable(metadata.get(STORAGE));
  }

  /** The streams of a cluster. */
  public static List<String> names(ClusterClient client, Created cluster) {
    var names = client.settings().names();
    var all =
        new ArrayList<>(
            List.of(
                names.records(),
                names.unreadable(),
                names.batches(),
                names.values(),
                names.brief(),
                names.beats()));
    for (var shard = 0; shard < cluster.shards(); shard++) {
      all.add(names.pointers(shard));
      all.add(names.objects(shard));
      all.add(names.log(shard));
    }
    return all;
  }

  /** The streams of a cluster that have the data of an installation. */
  public static List<String> contents(ClusterClient client, Created cluster) {
    var names = client.settings().names();
    var all = new ArrayList<>(names(client, cluster));
    all.removeAll(List.of(names.unreadable(), names.brief(), names.beats()));
    return all;
  }

  /** Whether an import into this cluster has begun and has not ended. */
  public static boolean isBeingImported(ClusterClient client) throws IOException {
    return metadata(client).containsKey(IMPORT);
  }

  /** Marks the cluster, so that no node opens it until {@link #endImport}. */
  public static void beginImport(ClusterClient client) throws IOException {
    var metadata = metadata(client);
    metadata.put(IMPORT, "unfinished");
    setMetadata(client, metadata);
  }

  /** Gives the cluster the storage id of the imported data, and lets nodes open it. */
  public static void endImport(ClusterClient client, String storageId) throws IOException {
    var metadata = metadata(client);
    metadata.remove(IMPORT);
    metadata.put(STORAGE, storageId);
    setMetadata(client, metadata);
  }

  /** Deletes all data of the installation. */
  public static void removeAll(ClusterClient client, Created cluster) throws IOException {
    for (var stream : contents(client, cluster)) {
      try {
        var _ = client.management().purgeStream(stream);
      } catch (JetStreamApiException e) {
        throw ClusterClient.refused(e);
      } catch (IllegalStateException e) {
        throw client.unanswered(e);
      }
    }
  }

  private static Map<String, String> metadata(ClusterClient client) throws IOException {
    var info = info(client, client.settings().names().records());
    var found = info.map(stream -> stream.getConfiguration().getMetadata());
    return new HashMap<>(found.isPresent() ? found.get() : Map.of());
  }

  private static void setMetadata(ClusterClient client, Map<String, String> metadata)
      throws IOException {
    var stream =
        info(client, client.settings().names().records())
            .orElseThrow(() -> new IOException("the stream of the tables is missing"));
    // The server adds these itself.
    metadata.keySet().removeIf(key -> key.startsWith("_nats."));
    var changed = StreamConfiguration.builder(stream.getConfiguration()).metadata(metadata).build();
    var _ =
        client.untilAnswered(
            () -> {
              try {
                return client.management().updateStream(changed);
              } catch (JetStreamApiException e) {
                throw ClusterClient.refused(e);
              } catch (IOException | IllegalStateException e) {
                throw client.unanswered(e);
              }
            });
  }

  /** The storage of a stream that may lose its messages when the servers restart. */
  private static StorageType inMemory(Created cluster) {
    // A server that is alone forgets not only the messages of a stream in memory, but the stream.
    return cluster.replicas() == 1 ? StorageType.File : StorageType.Memory;
  }

  private static StreamConfiguration.Builder stream(String name, String subjects, Created cluster) {
    return StreamConfiguration.builder()
        .name(name)
        .subjects(subjects)
        .storageType(StorageType.File)
        .retentionPolicy(RetentionPolicy.Limits)
        .discardPolicy(DiscardPolicy.New)
        .replicas(cluster.replicas())
        .metadata(Map.of(STORAGE, cluster.storageId()))
        .allowDirect(true);
  }

  private static void add(ClusterClient client, StreamConfiguration stream) throws IOException {
    if (info(client, stream.getName()).isPresent()) {
      return;
    }
    var _ =
        client.untilAnswered(
            () -> {
              try {
                var _ = client.management().addStream(stream);
                return true;
              } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == NAME_IN_USE) {
                  return false; // another process created it at the same time
                }
                throw refused(stream, e);
              } catch (IOException | IllegalStateException e) {
                throw client.unanswered(e);
              }
            });
  }

  private static IOException refused(StreamConfiguration stream, JetStreamApiException e) {
    return switch (e.getApiErrorCode()) {
      case NOT_CLUSTERED ->
          new IOException(
              "the server is alone and cannot keep "
                  + stream.getReplicas()
                  + " replicas; start the servers as a cluster or give --replicas 1",
              e);
      case NO_SUITABLE_PEERS ->
          new IOException(
              "the cluster has fewer than "
                  + stream.getReplicas()
                  + " servers for as many replicas; start more or give fewer with --replicas",
              e);
      default -> ClusterClient.refused(e);
    };
  }

  /** What the leader tells about a stream; empty if it does not exist. */
  public static Optional<StreamInfo> info(ClusterClient client, String stream) throws IOException {
    return info(client, stream, null);
  }

  /**
   * What the leader tells about a stream; empty if it does not exist.
   *
   * @param subjects the subjects to count, if any
   */
  public static Optional<StreamInfo> info(
      ClusterClient client, String stream, @Nullable StreamInfoOptions subjects)
      throws IOException {
    return client.untilAnswered(
        () -> {
          try {
            return Optional.of(
                subjects == null
                    ? client.management().getStreamInfo(stream)
                    : client.management().getStreamInfo(stream, subjects));
          } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
              return Optional.empty();
            }
            throw ClusterClient.refused(e);
          } catch (IOException | IllegalStateException e) {
            throw client.unanswered(e);
          }
        });
  }
}
