package dev.parlor.nats.records;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Publishes several messages that the stream stores together or not at all: the atomic batches of
 * nats-server 2.12. The stream checks every expectation at the commit.
 */
final class AtomicBatch {

  /** The most messages that the server takes in one batch. */
  static final int MESSAGES_MAX = 1_000;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EXPECTED = "Nats-Expected-Last-Subject-Sequence";
  private static final String EXPECTED_OF = "Nats-Expected-Last-Subject-Sequence-Subject";

  private AtomicBatch() {}

  /**
   * A message to store.
   *
   * @param expected the sequence of the last message of the subject {@code expectedOf}; 0 for none
   * @param expectedOf null for the subject of this message
   * @param lifeSeconds after which the cluster deletes it, or {@link ClusterClient#FOR_EVER}
   */
  record Part(
      String subject, Bytes data, long expected, @Nullable String expectedOf, int lifeSeconds) {}

  /**
   * One attempt to store a batch; blocks.
   *
   * @param id a new name for each attempt
   * @return the sequence of the last message; the others have the sequences before it
   */
  static long publishOnce(ClusterClient client, String id, List<Part> parts) throws IOException {
    try {
      for (var i = 0; i < parts.size() - 1; i++) {
        client.connection().publish(message(id, i + 1, parts.get(i), false));
      }
      return committed(client, message(id, parts.size(), parts.getLast(), true), parts.size());
    } catch (IllegalStateException e) {
      throw client.unanswered(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException(Kind.CLOSED, "interrupted", e);
    }
  }

  private static long committed(ClusterClient client, Message commit, int count)
      throws IOException, InterruptedException {
    var millis = client.settings().limits().requestMillis();
    var answer = client.connection().request(commit, Duration.ofMillis(millis));
    if (answer == null || answer.isStatusMessage()) {
      throw new ClusterException(
          client.connection().getStatus() == Connection.Status.CLOSED
              ? Kind.CLOSED
              : Kind.UNANSWERED,
          "the cluster does not answer");
    }
    var body = JSON.readTree(answer.getData());
    if (body.has("error")) {
      var error = body.path("error");
      throw new ClusterException(
          ClusterClient.kindOf(error.path("err_code").asInt()),
          "the cluster refuses: " + error.path("description").asText());
    }
    if (body.path("count").asInt() != count) {
      throw new ClusterException(
          Kind.REFUSED, "the stream of the records was created without atomic batches");
    }
    return body.path("seq").asLong();
  }

  private static Message message(String id, int number, Part part, boolean commits) {
    var headers = new Headers();
    headers.put("Nats-Batch-Id", id);
    headers.put("Nats-Batch-Sequence", Integer.toString(number));
    if (commits) {
      headers.put("Nats-Batch-Commit", "1");
    }
    headers.put(EXPECTED, Long.toString(part.expected));
    if (part.expectedOf != null) {
      headers.put(EXPECTED_OF, part.expectedOf);
    }
    if (part.lifeSeconds != ClusterClient.FOR_EVER) {
      headers.put("Nats-TTL", part.lifeSeconds + "s");
    }
    return NatsMessage.builder()
        .subject(part.subject)
        .headers(headers)
        .data(part.data.toArray())
        .build();
  }
}
