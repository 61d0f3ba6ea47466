package dev.parlor.relay.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.config.FixedLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the backend of an app which permission a subject has in a document, and keeps each answer
 * for the time that the answer states. Its methods block on HTTP; safe from any thread.
 */
final class Authorizer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PERMISSION = "permission";
  private static final String SECONDS = "seconds";

  /** A question to the backend. */
  private record Question(String subject, DocumentId document) {}

  /**
   * The backend's answer.
   *
   * @param permission empty if the subject has no access
   * @param until the time from which on the backend is asked again
   */
  record Answer(Optional<Permission> permission, Instant until) {}

  private final URI url;
  private final HttpClient client;
  private final InstantSource clock;
  private final Semaphore permits = new Semaphore(FixedLimits.AUTHORIZER_CALLS_MAX);
  private final Map<Question, Answer> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Answer> eldest) {
          return size() > FixedLimits.AUTHORIZER_ANSWERS_MAX;
        }
      };

  /** Counts the calls of {@link #forget}. An answer that was on its way meanwhile is not kept. */
  private long forgotten;

  Authorizer(URI url, InstantSource clock) {
    this.url = url;
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis(FixedLimits.AUTHORIZER_MILLIS_MAX))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * The permission of a subject in a document.
   *
   * @param wish what the client wants at first: {@code read}, or {@code write} if it has content
   * @param exists whether the document exists
   * @throws IOException if the backend does not answer in time, or answers something else
   */
  Answer ask(String subject, DocumentId document, String wish, boolean exists) throws IOException {
    var question = new Question(subject, document);
    long forgottenBefore;
    synchronized (answers) {
      var known = answers.get(question);
      if (known != null && clock.instant().isBefore(known.until())) {
        return known;
      }
      forgottenBefore = forgotten;
    }
    var answer = call(question, wish, exists);
    synchronized (answers) {
      if (forgotten == forgottenBefore) {
        answers.put(question, answer);
      }
    }
    return answer;
  }

  /**
   * Forgets the answers about a subject, so that the next question goes to the backend.
   *
   * @param subject empty for all
   * @param document the only document that this concerns; empty for all
   */
  void forget(Optional<String> subject, Optional<DocumentId> document) {
    synchronized (answers) {
      forgotten++;
      answers
          .keySet()
          .removeIf(
              question ->
                  (subject.isEmpty() || question.subject().equals(subject.get()))
                      && (document.isEmpty() || question.document().equals(document.get())));
    }
  }

  private Answer call(Question question, String wish, boolean exists) throws IOException {
    var body =
        JSON.createObjectNode()
            .put("subject", question.subject())
            .put("document", question.document().value())
            .put("wish", wish)
            .put("exists", exists);
    var timeout = Duration.ofMillis(FixedLimits.AUTHORIZER_MILLIS_MAX);
    var request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()))
            .build();
    try {
      if (!permits.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("too many questions to the app's backend wait for an answer");
      }
      try {
        var response =
            client.send(
                request,
                BodyHandlers.limiting(
                    BodyHandlers.ofByteArray(), FixedLimits.AUTHORIZER_BYTES_MAX));
        if (response.statusCode() != 200) {
          throw new IOException("the app's backend answered with " + response.statusCode());
        }
        return answer(response.body());
      } finally {
        permits.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (IOException e) {
      LOG.warn("the app's backend did not decide about a document: {}", e.toString());
      throw e;
    }
  }

  private Answer answer(byte[] body) throws IOException {
    JsonNode json;
    try {
      json = JSON.readTree(new String(body, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IOException("the answer of the app's backend is not JSON", e);
    }
    var seconds = json.path(SECONDS).asInt(FixedLimits.AUTHORIZER_SECONDS_DEFAULT);
    var kept = Math.clamp(seconds, 1, FixedLimits.AUTHORIZER_SECONDS_MAX);
    return new Answer(
        permission(json.path(PERMISSION).asText()), clock.instant().plusSeconds(kept));
  }

  private static Optional<Permission> permission(String name) throws IOException {
    if (name.equals("none")) {
      return Optional.empty();
    }
    return Optional.of(
        Permission.named(name)
            .orElseThrow(
                () ->
                    new IOException(
                        "the field "
                            + PERMISSION
                            + " in the answer of the app's backend must be none, read, write or"
                            + " own")));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
