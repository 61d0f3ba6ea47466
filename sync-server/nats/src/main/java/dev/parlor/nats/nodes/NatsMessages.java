package dev.parlor.nats.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterConnection;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.relay.cluster.NodeMessages;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages between nodes on subjects without persistence, over a connection of their own. Each
 * topic has one subject. Each listener has its own thread of the client library, so a slow listener
 * delays no other.
 *
 * <p>One thread sends. If its queue is full or the cluster is away, messages are lost; this node
 * then tells the other nodes so. After a broken connection, and after it read too slowly, it also
 * tells its own listeners. Safe from any thread.
 */
public final class NatsMessages implements NodeMessages, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NatsMessages.class);

  /** Messages that wait for the network; above: they are lost, and the listeners are told. */
  private static final int QUEUE_MAX = 4_096;

  private static final int MESSAGE_BYTES_MAX = 64 * 1024;
  private static final Pattern TOPICS = Pattern.compile("[A-Za-z0-9]{1,64}");

  // The first byte of a message on the network.
  private static final byte MESSAGE = 0;
  private static final byte LOST = 1;

  /** A message on its way to the network; an empty topic only wakes the sender. */
  private record Outgoing(String topic, Bytes data) {
    private static final Outgoing WAKE = new Outgoing("", Bytes.EMPTY);
  }

  private final ClusterSettings settings;
  private final BlockingQueue<Outgoing> queue = new ArrayBlockingQueue<>(QUEUE_MAX);

  /** Topics that this node sent to or listens to. */
  private final Set<String> topics = ConcurrentHashMap.newKeySet();

  private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();

  /** Whether messages to the network were lost and the other nodes were not told yet. */
  private final AtomicBoolean outboundLoss = new AtomicBoolean();

  /** Whether messages from the network may have been lost and the listeners were not told yet. */
  private final AtomicBoolean inboundLoss = new AtomicBoolean();

  private final Connection connection;
  private final Thread sender;
  private volatile boolean closed;

  private NatsMessages(ClusterSettings settings) throws IOException {
    this.settings = settings;
    connection =
        ClusterConnection.open(
            settings,
            ClusterConnection.options(settings, "parlor-messages"),
            new Events(),
            new Losses());
    sender = Thread.ofVirtual().name("node-messages").start(this::send);
  }

  /** Connects to the cluster; blocks. */
  public static NatsMessages connect(ClusterSettings settings) throws IOException {
    return new NatsMessages(settings);
  }

  @Override
  public void publish(String topic, Bytes message) {
    check(topic);
    if (message.length() > MESSAGE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a message to the other nodes has at most 64 KiB, not " + message.length() + " bytes");
    }
    topics.add(topic);
    if (!queue.offer(new Outgoing(topic, framed(MESSAGE, message)))
        && !outboundLoss.getAndSet(true)) {
      LOG.warn("this node sends messages faster than the network; some were lost");
    }
  }

  @Override
  public void subscribe(String topic, Listener listener) {
    check(topic);
    topics.add(topic);
    var subscriber = new Subscriber(listener);
    subscribers.add(subscriber);
    subscriber.dispatcher.subscribe(settings.names().messages(topic));
    awaitServer();
  }

  private static void check(String topic) {
    if (!TOPICS.matcher(topic).matches()) {
      throw new IllegalArgumentException("a topic has 1 to 64 letters and digits: " + topic);
    }
  }

  private static Bytes framed(byte kind, Bytes message) {
    return Bytes.concat(List.of(Bytes.wrap(new byte[] {kind}), message));
  }

  /** Waits until the servers know the subscriptions, unless the cluster is away. */
  private void awaitServer() {
    if (!isConnected()) {
      return;
    }
    try {
      connection.flush(Duration.ofMillis(settings.limits().requestMillis()));
    } catch (TimeoutException e) {
      LOG.debug("the cluster does not answer; messages of other nodes arrive when it does", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debug("the connection for messages was closed", e);
    }
  }

  /** Whether the connection is there. */
  boolean isConnected() {
    return connection.getStatus() == Connection.Status.CONNECTED;
  }

  /** Sends what waits. The only thread that the network may block. */
  private void send() {
    try {
      while (!closed) {
        var next = queue.take();
        if (!next.topic.isEmpty()) {
          send(next.topic, next.data);
        }
        if (queue.isEmpty() && isConnected()) {
          tellOfLosses();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the connection for messages was closed", e);
    }
  }

  private void send(String topic, Bytes data) {
    try {
      connection.publish(settings.names().messages(topic), data.toArray());
    } catch (IllegalStateException e) {
      // The cluster is away. The other nodes are told when it is back.
      outboundLoss.set(true);
      LOG.trace("a message was lost while the cluster is away", e);
    }
  }

  private void tellOfLosses() {
    if (outboundLoss.getAndSet(false)) {
      topics.forEach(topic -> send(topic, framed(LOST, Bytes.EMPTY)));
    }
    if (inboundLoss.getAndSet(false)) {
      awaitServer();
      subscribers.forEach(Subscriber::tell);
    }
  }

  /** Closes the connection; no listener is called any more. */
  @Override
  public void close() {
    closed = true;
    sender.interrupt();
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A listener, with the thread of the client library that calls it. */
  private final class Subscriber {
    private final Listener listener;
    private final Dispatcher dispatcher;

    /** Whether this node read too slowly and the listener was not told yet. */
    private final AtomicBoolean missed = new AtomicBoolean();

    private Subscriber(Listener listener) {
      this.listener = listener;
      this.dispatcher = connection.createDispatcher(this::arrived);
      dispatcher.setPendingLimits(
          settings.limits().busQueueMessagesMax(), settings.limits().incompleteBytesMax());
    }

    private void arrived(Message message) {
      var data = Bytes.wrap(message.getData());
      if (!closed && !data.isEmpty()) {
        call(
            () -> {
              if (data.at(0) == MESSAGE) {
                listener.received(data.slice(1, data.length() - 1));
              } else {
                listener.resumed();
              }
            });
      }
      tellIfCaughtUp();
    }

    private void tell() {
      if (!closed) {
        call(listener::resumed);
      }
    }

    private void call(Runnable listening) {
      try {
        listening.run();
      } catch (RuntimeException e) {
        LOG.error("a message of another node could not be handled", e);
      }
    }

    /** Tells the listener of missed messages when those that waited at that time are delivered. */
    private void tellIfCaughtUp() {
      if (missed.get()
          && dispatcher.getPendingMessageCount() == 0
          && missed.compareAndSet(true, false)) {
        tell();
      }
    }
  }

  private final class Events implements ConnectionListener {
    @Override
    @Deprecated
    public void connectionEvent(Connection source, ConnectionListener.Events type) {
      if (type == ConnectionListener.Events.RESUBSCRIBED) {
        // Messages were lost in both directions.
        outboundLoss.set(true);
        inboundLoss.set(true);
        var _ = queue.offer(Outgoing.WAKE); // a full queue wakes the sender too
      }
    }
  }

  private final class Losses implements ErrorListener {
    @Override
    public void slowConsumerDetected(Connection source, @Nullable Consumer consumer) {
      LOG.warn("this node reads the messages of other nodes too slowly; some were lost");
      for (var subscriber : subscribers) {
        if (subscriber.dispatcher.equals(consumer)) {
          subscriber.missed.set(true);
          subscriber.tellIfCaughtUp(); // this notice may come after the last message that waited
        }
      }
    }

    @Override
    public void errorOccurred(Connection source, String error) {
      LOG.warn("the connection for messages between nodes: {}", error);
    }

    @Override
    public void exceptionOccurred(Connection source, Exception problem) {
      LOG.debug("the connection for messages between nodes", problem);
    }
  }
}
