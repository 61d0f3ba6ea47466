package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.StoredMessage;
import dev.parlor.relay.cluster.BriefRecords;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/**
 * Brief records in a stream in the memory of the servers, which delete each record at the end of
 * its lifetime. A subject has the hash of a key, never the key. A taken record is a message without
 * a value. Futures complete on virtual threads. Safe from any thread.
 */
public final class NatsBriefRecords implements BriefRecords, AutoCloseable {

  private static final int KEY_BYTES_MAX = 512;
  private static final int VALUE_BYTES_MAX = 256 * 1024;
  private static final byte VALUE = 1;
  private static final byte TAKEN = 2;
  private static final int NONCE_BYTES = 16;
  private static final int HEADER_BYTES = 1 + NONCE_BYTES;

  /** How long it is known that a record was taken; longer than all attempts of one request. */
  private static final int TAKEN_SECONDS = 120;

  private final ClusterClient client;
  private final ClusterNames names;
  private final RandomGenerator random;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Opens the brief records; closing them leaves the client open. */
  public NatsBriefRecords(ClusterClient client, RandomGenerator random) {
    this.client = client;
    this.names = client.settings().names();
    this.random = random;
  }

  @Override
  public CompletableFuture<Boolean> putOnce(String key, Bytes value, Duration lifetime) {
    var subject = subject(key);
    var message = message(VALUE, checked(value));
    var seconds = seconds(lifetime);
    return onThread(
        () -> {
          // At first as if there were no record; a request less in the usual case.
          var expected = 0L;
          while (true) {
            try {
              var _ = client.replace(names.brief(), subject, message, expected, seconds);
              return true;
            } catch (ClusterException e) {
              if (e.kind() != Kind.CONFLICT) {
                throw e;
              }
              var last = client.last(names.brief(), subject);
              if (last.isPresent() && isValue(last.get())) {
                return false;
              }
              expected = last.map(StoredMessage::sequence).orElse(0L);
            }
          }
        });
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value, Duration lifetime) {
    var subject = subject(key);
    var message = message(VALUE, checked(value));
    var seconds = seconds(lifetime);
    return onThread(
            () -> {
              while (true) {
                var last = client.last(names.brief(), subject);
                try {
                  // The write expects the last message. Without that, its repetition could put
                  // back a record that another node took meanwhile.
                  return client.replace(
                      names.brief(),
                      subject,
                      message,
                      last.map(StoredMessage::sequence).orElse(0L),
                      seconds);
                } catch (ClusterException e) {
                  if (e.kind() != Kind.CONFLICT) {
                    throw e;
                  }
                }
              }
            })
        .thenApply(_ -> null);
  }

  @Override
  public CompletableFuture<Optional<Bytes>> get(String key) {
    var subject = subject(key);
    return onThread(
        () ->
            client
                .last(names.brief(), subject)
                .filter(NatsBriefRecords::isValue)
                .map(NatsBriefRecords::value));
  }

  @Override
  public CompletableFuture<Optional<Bytes>> take(String key) {
    var subject = subject(key);
    var message = message(TAKEN, Bytes.EMPTY);
    return onThread(
        () -> {
          while (true) {
            var last = client.last(names.brief(), subject);
            if (last.isEmpty() || !isValue(last.get())) {
              return Optional.empty();
            }
            try {
              var _ =
                  client.replace(
                      names.brief(), subject, message, last.get().sequence(), TAKEN_SECONDS);
              return Optional.of(value(last.get()));
            } catch (ClusterException e) {
              if (e.kind() != Kind.CONFLICT) {
                throw e;
              }
              // Another node was faster, or the record has ended.
            }
          }
        });
  }

  private static boolean isValue(StoredMessage message) {
    return message.data().length() >= HEADER_BYTES && message.data().at(0) == VALUE;
  }

  private static Bytes value(StoredMessage message) {
    return message.data().slice(HEADER_BYTES, message.data().length() - HEADER_BYTES);
  }

  /** A message that is different from all others. */
  private byte[] message(byte kind, Bytes value) {
    var nonce = new byte[NONCE_BYTES];
    synchronized (random) {
      random.nextBytes(nonce);
    }
    var message = ByteBuffer.allocate(HEADER_BYTES + value.length()).put(kind).put(nonce);
    value.copyTo(message);
    return message.array();
  }

  private String subject(String key) {
    if (key.getBytes(StandardCharsets.UTF_8).length > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "the key of a brief record has at most " + KEY_BYTES_MAX + " bytes");
    }
    return names.brief(key);
  }

  private static Bytes checked(Bytes value) {
    if (value.length() > VALUE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a brief record has at most " + VALUE_BYTES_MAX + " bytes");
    }
    return value;
  }

  private static int seconds(Duration lifetime) {
    if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(LIFETIME_MAX) > 0) {
      throw new IllegalArgumentException("a brief record lives from 1 s to " + LIFETIME_MAX);
    }
    return (int) Math.ceilDiv(lifetime.toMillis(), 1_000L);
  }

  private <T> CompletableFuture<T> onThread(RecordFutures.Task<T> task) {
    return RecordFutures.onThread(task, threads);
  }

  /** Waits for the requests on their way. */
  @Override
  public void close() {
    threads.close();
  }
}
