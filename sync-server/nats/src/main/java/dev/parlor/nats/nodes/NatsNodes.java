package dev.parlor.nats.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterConnection;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterState;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.nodes.NodeBus;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bus between nodes on subjects without persistence. Each document has one subject. A node's
 * connection does not receive the node's own messages. One thread of the client library delivers
 * the frames of all documents.
 *
 * <p>Messages may be lost when the connection breaks, when this node reads too slowly, or when its
 * outgoing queue is full. In each case every channel is told {@link NodeBus.Listener#resumed} as
 * soon as the bus delivers again. After a broken connection the node also tells the other nodes
 * that have its documents open. Safe from any thread.
 */
public final class NatsNodes implements NodeBus, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NatsNodes.class);

  private final ClusterSettings settings;
  private final Set<NatsChannel> channels = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<DocumentId, Set<NatsChannel>> byDocument =
      new ConcurrentHashMap<>();
  private final ExecutorService notices = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong frameNumber = new AtomicLong();

  /** Whether messages from the network were lost and the channels were not told yet. */
  private final AtomicBoolean inboundLoss = new AtomicBoolean();

  /** Whether messages to the network were lost and the channels were not told yet. */
  private final AtomicBoolean outboundLoss = new AtomicBoolean();

  /** The time since which the bus is not connected, as far as it is known; 0 if it is. */
  private final AtomicLong brokenSince = new AtomicLong();

  private final Connection connection;
  private final OutgoingBytes outgoing;
  private final Dispatcher dispatcher;

  private NatsNodes(ClusterSettings settings, RandomGenerator random) throws IOException {
    this.settings = settings;
    frameNumber.set(random.nextLong());
    connection =
        ClusterConnection.open(
            settings,
            ClusterConnection.options(settings, "parlor-bus")
                .maxMessagesInOutgoingQueue(settings.limits().busQueueMessagesMax())
                .discardMessagesWhenOutgoingQueueFull(),
            new Events(),
            new Losses());
    outgoing =
        new OutgoingBytes(
            settings.limits().incompleteBytesMax(), () -> connection.getStatistics().getOutBytes());
    dispatcher = connection.createDispatcher();
    dispatcher.setPendingLimits(
        settings.limits().busQueueMessagesMax(), settings.limits().incompleteBytesMax());
  }

  /**
   * Connects to the cluster; blocks.
   *
   * @param random numbers the frames, so that two nodes never use the same numbers
   */
  public static NatsNodes connect(ClusterSettings settings, RandomGenerator random)
      throws IOException {
    return new NatsNodes(settings, random);
  }

  @Override
  public Channel join(DocumentId document, Listener listener) {
    var channel = new NatsChannel(document, listener);
    channels.add(channel);
    byDocument.compute(
        document,
        (_, open) -> {
          Set<NatsChannel> all = open == null ? ConcurrentHashMap.newKeySet() : open;
          all.add(channel);
          return all;
        });
    channel.subscription = dispatcher.subscribe(settings.names().bus(document), channel::arrived);
    awaitServer();
    return channel;
  }

  /** Waits until the servers know every subscription, unless the cluster is away. */
  private void awaitServer() {
    if (connection.getStatus() != Connection.Status.CONNECTED) {
      return;
    }
    try {
      connection.flush(Duration.ofMillis(settings.limits().requestMillis()));
    } catch (TimeoutException e) {
      LOG.warn("the bus between nodes does not answer; nodes hear each other when it does");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debug("the bus was closed while a document was opened", e);
    }
  }

  /** Whether the bus is connected. */
  public boolean isConnected() {
    return connection.getStatus() == Connection.Status.CONNECTED;
  }

  /** The condition for {@code /health/ready}: a move to another server is no failure. */
  public Condition condition() {
    if (isConnected()) {
      brokenSince.set(0);
      return Condition.ok("connected");
    }
    var now = System.nanoTime();
    brokenSince.compareAndSet(0, now);
    return TimeUnit.NANOSECONDS.toMillis(now - brokenSince.get()) < ClusterState.AWAY_MILLIS
        ? Condition.ok("connecting again")
        : Condition.failing("the bus between the nodes is not connected");
  }

  /** Closes the connection; all channels are closed with it. */
  @Override
  public void close() {
    channels.clear();
    byDocument.clear();
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    notices.close();
  }

  private void send(DocumentId document, byte[] message) {
    var subject = settings.names().bus(document);
    if (!outgoing.add(OutgoingBytes.size(subject, message.length))) {
      lostOutbound();
      return;
    }
    try {
      connection.publish(subject, message);
    } catch (IllegalStateException e) {
      // The cluster is away. The channels are told when it is back.
      outgoing.dropped(OutgoingBytes.size(subject, message.length));
      LOG.trace("a frame was lost while the bus is away", e);
    }
  }

  private void tellAll() {
    channels.forEach(channel -> channel.listener.resumed());
  }

  /** Tells the channels of a loss when the messages that waited at that time are delivered. */
  private void tellOfInboundLoss() {
    if (inboundLoss.get()
        && dispatcher.getPendingMessageCount() == 0
        && inboundLoss.compareAndSet(true, false)) {
      tellAll();
    }
  }

  /** The connection was made again: messages were lost in both directions. */
  private void reconnected() {
    outgoing.clear();
    notices.execute(
        () -> {
          awaitServer();
          for (var channel : channels) {
            send(channel.document, new byte[] {BusFrames.RESUMED});
          }
          tellAll();
        });
  }

  private final class NatsChannel implements Channel {
    private final DocumentId document;
    private final Listener listener;

    /** Used by the delivering thread only. */
    private final BusFrames.Joiner joiner;

    private volatile @Nullable Subscription subscription;
    private volatile boolean closed;

    private NatsChannel(DocumentId document, Listener listener) {
      this.document = document;
      this.listener = listener;
      this.joiner = new BusFrames.Joiner(settings.limits().incompleteBytesMax());
    }

    @Override
    public void publish(Bytes frame) {
      if (closed) {
        return;
      }
      var messageBytesMax = (int) connection.getMaxPayload();
      for (var message :
          BusFrames.messages(frame, frameNumber.getAndIncrement(), messageBytesMax)) {
        send(document, message);
      }
      // The servers do not return the node's own messages.
      for (var other : byDocument.getOrDefault(document, Set.of())) {
        if (!other.equals(this)) {
          notices.execute(() -> other.deliver(frame));
        }
      }
    }

    private void arrived(Message message) {
      var data = Bytes.wrap(message.getData());
      if (data.isEmpty()) {
        return;
      }
      switch ((byte) data.at(0)) {
        case BusFrames.WHOLE -> deliver(data.slice(1, data.length() - 1));
        case BusFrames.PART -> joiner.add(data).ifPresent(this::deliver);
        case BusFrames.RESUMED -> listener.resumed();
        default ->
            LOG.error("document {}: a newer node sent a message of an unknown kind", document);
      }
      if (joiner.takeLoss()) {
        listener.resumed();
      }
      tellOfInboundLoss();
    }

    private void deliver(Bytes frame) {
      if (!closed) {
        listener.received(frame);
      }
    }

    @Override
    public void close() {
      closed = true;
      channels.remove(this);
      byDocument.computeIfPresent(
          document,
          (_, open) -> {
            open.remove(this);
            return open.isEmpty() ? null : open;
          });
      var open = subscription;
      if (open != null && connection.getStatus() != Connection.Status.CLOSED) {
        dispatcher.unsubscribe(open);
      }
    }
  }

  private final class Events implements ConnectionListener {
    @Override
    @Deprecated
    public void connectionEvent(Connection source, ConnectionListener.Events type) {
      switch (type) {
        case DISCONNECTED -> {
          if (brokenSince.compareAndSet(0, System.nanoTime())) {
            LOG.warn("the bus between nodes is away; documents go on alone");
          }
        }
        case RESUBSCRIBED -> {
          brokenSince.set(0);
          LOG.info("the bus between nodes is back");
          reconnected();
        }
        default -> LOG.debug("the bus between nodes: {}", type);
      }
    }
  }

  private final class Losses implements ErrorListener {
    @Override
    public void slowConsumerDetected(Connection source, Consumer consumer) {
      LOG.warn("this node reads the bus too slowly; messages of other nodes were lost");
      inboundLoss.set(true);
      tellOfInboundLoss(); // this notice may come after the last message that waited
    }

    @Override
    public void messageDiscarded(Connection source, Message message) {
      var data = message.getData();
      outgoing.dropped(OutgoingBytes.size(message.getSubject(), data == null ? 0 : data.length));
      lostOutbound();
    }

    @Override
    public void errorOccurred(Connection source, String error) {
      LOG.warn("the bus between nodes: {}", error);
    }

    @Override
    public void exceptionOccurred(Connection source, Exception problem) {
      LOG.debug("the bus between nodes", problem);
    }
  }

  /** A message was dropped because the network takes them too slowly. */
  private void lostOutbound() {
    if (outboundLoss.compareAndSet(false, true)) {
      LOG.warn("this node writes to the bus faster than the network; messages were lost");
      notices.execute(
          () -> {
            awaitServer();
            outboundLoss.set(false);
            tellAll();
          });
    }
  }
}
