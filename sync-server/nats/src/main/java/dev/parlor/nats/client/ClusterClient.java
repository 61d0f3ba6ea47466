package dev.parlor.nats.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterException.Kind;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.PublishOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to the streams of a cluster. Every method blocks and tries again until a limit of time,
 * so that a change of the leader is no failure. Safe from any thread.
 */
public final class ClusterClient implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterClient.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** No message is expected to be the last one of the subject. */
  public static final long ANY = -1;

  /** The cluster does not delete the message. */
  public static final int FOR_EVER = 0;

  // Numbers of errors of the server.
  private static final int TEMPORARILY_UNAVAILABLE = 10008;
  private static final int NO_MESSAGE = 10037;
  private static final int WRONG_LAST_SEQUENCE = 10071;
  private static final int WRONG_LAST_SEQUENCE_CONSTANT = 10164;
  private static final int BATCH_INCOMPLETE = 10176;
  private static final int TOO_MANY_BATCHES = 10210;

  // Codes of status messages.
  private static final int END_OF_BATCH = 204;
  private static final int NOT_FOUND = 404;
  private static final int NO_RESPONDERS = 503;

  private static final int BATCH_MESSAGES = 256;
  private static final int BATCH_BYTES = 4 << 20;

  private final ClusterSettings settings;
  private final Connection connection;
  private final JetStream streams;
  private final JetStreamManagement management;
  private final AtomicBoolean isConnected = new AtomicBoolean(true);
  private final ClusterState state = new ClusterState(System::nanoTime);

  /** Connects to a cluster; fails if no server can be reached. */
  public ClusterClient(ClusterSettings settings) throws IOException {
    this.settings = settings;
    connection =
        ClusterConnection.open(
            settings,
            ClusterConnection.options(settings, "parlor-store"),
            this::logEvent,
            new Errors());
    var options =
        JetStreamOptions.builder()
            .requestTimeout(Duration.ofMillis(settings.limits().requestMillis()))
            .build();
    streams = connection.jetStream(options);
    management = connection.jetStreamManagement(options);
  }

  /** Where the cluster is. */
  public ClusterSettings settings() {
    return settings;
  }

  /** The connection of all requests of this client. */
  public Connection connection() {
    return connection;
  }

  /** Whether the cluster stores what this client writes. */
  public ClusterState state() {
    return state;
  }

  /** The library's access to the streams. */
  public JetStream streams() {
    return streams;
  }

  /** The library's access to the properties of the streams. */
  public JetStreamManagement management() {
    return management;
  }

  /**
   * Stores a message; returns its sequence when the cluster has acknowledged it. Without an answer
   * the message is published again, so it may be stored several times.
   */
  public long publish(String subject, byte[] data) throws IOException {
    return untilAnswered(() -> publishOnce(subject, data, ANY));
  }

  /**
   * Stores a message if {@code expected} is the sequence of the last message of its subject (0: it
   * has none). The content must be unique, because it tells whether an unanswered attempt was
   * stored.
   *
   * @throws ClusterException of the kind {@code CONFLICT} if another message was last, so that this
   *     one is not stored and never will be; of another kind if that is not known
   */
  public long replace(String stream, String subject, byte[] data, long expected)
      throws IOException {
    return replace(stream, subject, data, expected, FOR_EVER);
  }

  /** As {@link #replace(String, String, byte[], long)}, for a message that the cluster deletes. */
  public long replace(String stream, String subject, byte[] data, long expected, int lifeSeconds)
      throws IOException {
    var attempts = new AtomicInteger();
    return untilAnswered(
        () -> {
          var isFirst = attempts.getAndIncrement() == 0;
          try {
            return publishOnce(subject, data, expected, lifeSeconds);
          } catch (ClusterException e) {
            if (isFirst || e.kind() == Kind.UNANSWERED) {
              throw e;
            }
            if (e.kind() == Kind.CONFLICT) {
              var last = last(stream, subject);
              if (last.isPresent() && last.get().data().equals(Bytes.wrap(data))) {
                return last.get().sequence();
              }
            }
            throw new ClusterException(
                Kind.UNKNOWN, "after an unanswered attempt " + e.getMessage(), e);
          }
        });
  }

  /** One attempt to store a message. */
  public long publishOnce(String subject, byte[] data, long expected) throws IOException {
    return publishOnce(subject, data, expected, FOR_EVER);
  }

  /** One attempt to store a message that the cluster deletes after some seconds. */
  public long publishOnce(String subject, byte[] data, long expected, int lifeSeconds)
      throws IOException {
    var options = PublishOptions.builder();
    if (lifeSeconds != FOR_EVER) {
      options.messageTtlSeconds(lifeSeconds);
    }
    if (expected != ANY) {
      options.expectedLastSubjectSequence(expected);
    }
    var startedAt = state.now();
    try {
      var sequence = streams.publish(subject, data, options.build()).getSeqno();
      state.stored();
      return sequence;
    } catch (JetStreamApiException e) {
      var problem = refused(e);
      switch (problem.kind()) {
        case UNANSWERED -> state.unanswered(startedAt);
        case REFUSED -> state.refused(String.valueOf(problem.getMessage()));
        default -> state.stored(); // it could have been stored
      }
      throw problem;
    } catch (IOException | IllegalStateException e) {
      state.unanswered(startedAt);
      throw unanswered(e);
    }
  }

  /** The last message of a subject, read from the stream's leader. */
  public Optional<StoredMessage> last(String stream, String subject) throws IOException {
    var request = JsonNodeFactory.instance.objectNode().put("last_by_subj", subject);
    return untilAnswered(() -> message(stream, request));
  }

  /** The first message of a stream, read from its leader. */
  Optional<StoredMessage> first(String stream, long from, String subjects) throws IOException {
    var request =
        JsonNodeFactory.instance.objectNode().put("seq", from).put("next_by_subj", subjects);
    return untilAnswered(() -> message(stream, request));
  }

  private Optional<StoredMessage> message(String stream, ObjectNode request) throws IOException {
    Message answer;
    try {
      answer =
          connection.request(
              "$JS.API.STREAM.MSG.GET." + stream,
              JSON.writeValueAsBytes(request),
              Duration.ofMillis(settings.limits().requestMillis()));
    } catch (IllegalStateException e) {
      throw unanswered(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException(Kind.CLOSED, "interrupted", e);
    }
    if (answer == null || answer.isStatusMessage()) {
      throw new ClusterException(Kind.UNANSWERED, "the stream " + stream + " does not answer");
    }
    var body = JSON.readTree(answer.getData());
    var code = body.path("error").path("err_code").asInt();
    if (code == NO_MESSAGE) {
      return Optional.empty();
    }
    if (body.has("error")) {
      throw new ClusterException(
          code == TEMPORARILY_UNAVAILABLE ? Kind.UNANSWERED : Kind.REFUSED,
          "the stream " + stream + ": " + body.path("error").path("description").asText());
    }
    var found = body.path("message");
    var data = Base64.getDecoder().decode(found.path("data").asText(""));
    return Optional.of(
        new StoredMessage(
            found.path("subject").asText(), found.path("seq").asLong(), Bytes.wrap(data)));
  }

  /**
   * The messages of some subjects with a sequence of at least {@code from}, from any replica of the
   * stream. A replica may lag: the caller knows the last sequence that it must have seen.
   *
   * @param bytesMax bytes after which no further message is read
   */
  public List<StoredMessage> read(String stream, String subjects, long from, long bytesMax)
      throws IOException {
    var all = new ArrayList<StoredMessage>();
    var next = from;
    var bytes = 0L;
    while (true) {
      var at = next;
      var batch = untilAnswered(() -> batch(stream, subjects, at));
      for (var message : batch) {
        bytes += message.data().length();
      }
      all.addAll(batch);
      if (batch.isEmpty() || bytes >= bytesMax) {
        return all;
      }
      next = batch.getLast().sequence() + 1;
    }
  }

  private List<StoredMessage> batch(String stream, String subjects, long from) throws IOException {
    var request =
        JsonNodeFactory.instance
            .objectNode()
            .put("seq", from)
            .put("next_by_subj", subjects)
            .put("batch", BATCH_MESSAGES)
            .put("max_bytes", BATCH_BYTES);
    var inbox = connection.createInbox();
    try {
      var answers = connection.subscribe(inbox);
      try {
        connection.publish("$JS.API.DIRECT.GET." + stream, inbox, bytes(request));
        var batch = new ArrayList<StoredMessage>();
        while (true) {
          var answer = answers.nextMessage(Duration.ofMillis(settings.limits().requestMillis()));
          if (answer == null) {
            throw new ClusterException(
                Kind.UNANSWERED, "the stream " + stream + " does not answer");
          }
          if (!answer.isStatusMessage()) {
            batch.add(message(answer));
            continue;
          }
          var status = answer.getStatus();
          if (status.getCode() == END_OF_BATCH || status.getCode() == NOT_FOUND) {
            return batch;
          }
          throw status.getCode() == NO_RESPONDERS
              ? new ClusterException(
                  Kind.UNANSWERED, "the stream " + stream + " is missing or has no leader")
              : new ClusterException(
                  Kind.REFUSED, "the stream " + stream + ": " + status.getMessageWithCode());
        }
      } finally {
        answers.unsubscribe();
      }
    } catch (IllegalStateException e) {
      throw unanswered(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException(Kind.CLOSED, "interrupted", e);
    }
  }

  private static StoredMessage message(Message answer) {
    var headers = answer.getHeaders();
    return new StoredMessage(
        headers.getFirst("Nats-Subject"),
        Long.parseLong(headers.getFirst("Nats-Sequence")),
        Bytes.wrap(answer.getData()));
  }

  private static byte[] bytes(ObjectNode request) {
    return request.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** A request that can be repeated. */
  public interface Request<T> {
    /** Sends the request and waits for its answer. */
    T send() throws IOException;
  }

  /**
   * Repeats a request until it is answered, or until the limit of time. While the cluster is away
   * the request is not sent: the next one after the probe's answer is.
   */
  public <T> T untilAnswered(Request<T> request) throws IOException {
    if (state.isAway()) {
      throw new ClusterException(Kind.UNANSWERED, state.condition().detail());
    }
    var end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.limits().appendMillis());
    while (true) {
      try {
        return request.send();
      } catch (JsonProcessingException e) {
        throw new ClusterException(Kind.REFUSED, "the cluster gave an unreadable answer", e);
      } catch (ClusterException e) {
        if (e.kind() != Kind.UNANSWERED || System.nanoTime() - end >= 0) {
          throw e;
        }
        // Some failures come at once, for example while the connection is made again.
        LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos(settings.limits().reconnectMillis()) / 4);
      }
    }
  }

  /** The meaning of an error that the cluster answered. */
  public static ClusterException refused(JetStreamApiException e) {
    return new ClusterException(
        kindOf(e.getApiErrorCode()), "the cluster refuses: " + e.getMessage(), e);
  }

  /** The kind of an error with this number of the server. */
  public static Kind kindOf(int error) {
    return switch (error) {
      case TEMPORARILY_UNAVAILABLE, BATCH_INCOMPLETE, TOO_MANY_BATCHES -> Kind.UNANSWERED;
      case WRONG_LAST_SEQUENCE, WRONG_LAST_SEQUENCE_CONSTANT -> Kind.CONFLICT;
      default -> Kind.REFUSED;
    };
  }

  /** The meaning of a failure without an answer. */
  public ClusterException unanswered(Exception e) {
    return connection.getStatus() == Connection.Status.CLOSED
        ? new ClusterException(Kind.CLOSED, "the store is closed", e)
        : new ClusterException(
            Kind.UNANSWERED, "the cluster does not answer: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void logEvent(Connection source, io.nats.client.ConnectionListener.Events event) {
    switch (event) {
      case DISCONNECTED -> {
        // The event repeats with each attempt to connect.
        if (isConnected.compareAndSet(true, false)) {
          LOG.warn("the connection to the cluster broke; nothing is saved until it is back");
        }
      }
      case RECONNECTED -> {
        isConnected.set(true);
        LOG.info("the cluster is connected again");
      }
      default -> LOG.debug("the cluster: {}", event);
    }
  }

  private static final class Errors implements ErrorListener {
    @Override
    public void errorOccurred(Connection connection, String error) {
      LOG.warn("the cluster reports: {}", error);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception problem) {
      LOG.debug("the connection to the cluster", problem);
    }
  }
}
