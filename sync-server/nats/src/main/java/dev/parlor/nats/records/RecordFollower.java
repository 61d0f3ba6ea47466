package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.PeriodicTask;
import dev.parlor.nats.client.StoredMessage;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the records of the cluster in their order, and then follows the new ones. A server delivers
 * them at once. The server may lose what it follows for this process: then a periodic read finds
 * the missed records and follows again. So a record is missed no longer than two of its intervals
 * while the cluster answers. Calls the receiver on one thread of the client library or on its own.
 */
final class RecordFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RecordFollower.class);

  /** Pause between two signs of life of a server; after three missing ones it is asked again. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  private final ClusterClient client;
  private final ClusterNames names;
  private final LongSupplier lastSeen;
  private final Consumer<StoredMessage> receiver;
  private final Dispatcher dispatcher;
  private final PeriodicTask check;

  /** The last sequence that a server delivered. */
  private volatile long delivered;

  /** The last sequence that a periodic read found before a server delivered it; 0 if none. */
  private long foundFirst;

  private @Nullable Subscription subscription;
  private volatile boolean reconnected;

  /**
   * @param lastSeen the last sequence of which all messages before it were received
   */
  RecordFollower(ClusterClient client, LongSupplier lastSeen, Consumer<StoredMessage> receiver) {
    this.client = client;
    this.names = client.settings().names();
    this.lastSeen = lastSeen;
    this.receiver = receiver;
    this.dispatcher = client.connection().createDispatcher();
    this.check =
        new PeriodicTask(
            "records", client.settings().limits().upkeep().followMillis(), () -> 0, this::check);
  }

  /** Reads all records and follows; blocks. */
  void start() throws IOException {
    var _ = readNew();
    subscription = follow();
    client
        .connection()
        .addConnectionListener(
            (_, event) -> {
              if (event == Events.RESUBSCRIBED) {
                reconnected = true;
                check.runSoon();
              }
            });
    check.start();
  }

  /** Reads what no server has delivered; returns the last sequence of it, or 0. */
  private long readNew() throws IOException {
    var messages =
        client.read(
            names.records(), names.recordSubjects(), lastSeen.getAsLong() + 1, Long.MAX_VALUE);
    messages.forEach(receiver);
    return messages.isEmpty() ? 0 : messages.getLast().sequence();
  }

  private void check() throws IOException {
    var mustFollowAgain =
        reconnected || subscription == null || (foundFirst > 0 && delivered < foundFirst);
    if (mustFollowAgain) {
      reconnected = false;
      try {
        followAgain();
      } catch (IOException | RuntimeException e) {
        reconnected = true;
        throw e;
      }
    } else {
      foundFirst = readNew();
    }
  }

  private void followAgain() throws IOException {
    var old = subscription;
    if (old != null) {
      subscription = null;
      dispatcher.unsubscribe(old);
    }
    foundFirst = 0;
    client.untilAnswered(
        () -> {
          var _ = readNew();
          subscription = follow();
          return true;
        });
    LOG.info("the records of other nodes are followed again");
  }

  private Subscription follow() throws IOException {
    try {
      var options =
          PushSubscribeOptions.builder().stream(names.records())
              .ordered(true)
              .configuration(
                  ConsumerConfiguration.builder()
                      .deliverPolicy(DeliverPolicy.ByStartSequence)
                      .startSequence(lastSeen.getAsLong() + 1)
                      .idleHeartbeat(HEARTBEAT)
                      .build())
              .build();
      return client
          .streams()
          .subscribe(names.recordSubjects(), dispatcher, this::heard, false, options);
    } catch (JetStreamApiException e) {
      throw ClusterClient.refused(e);
    } catch (IllegalStateException e) {
      throw client.unanswered(e);
    } catch (IOException e) {
      throw e instanceof ClusterException ? e : client.unanswered(e);
    }
  }

  private void heard(Message message) {
    var sequence = message.metaData().streamSequence();
    receiver.accept(
        new StoredMessage(message.getSubject(), sequence, Bytes.wrap(message.getData())));
    delivered = sequence;
  }

  @Override
  public void close() {
    check.close();
  }
}
