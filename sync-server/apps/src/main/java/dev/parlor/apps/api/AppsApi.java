package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.address.AppUrls;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.identity.CallerVerifier;
import dev.parlor.apps.message.Answers;
import dev.parlor.apps.message.Envelope;
import dev.parlor.apps.message.Fields;
import dev.parlor.apps.message.Json;
import dev.parlor.apps.release.AppService;
import dev.parlor.apps.settings.UserSettings;
import dev.parlor.contexts.ContextService;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API of apps and contexts; both transports pass their messages to it. The envelope and the
 * type of a request are checked first, then its user, then its fields. Every request gets one
 * answer. Safe from any thread; a call may block to fetch keys.
 */
public final class AppsApi {
  private static final Logger LOG = LoggerFactory.getLogger(AppsApi.class);

  private final CallerVerifier callers;
  private final Routes routes = new Routes();

  /** The services behind the API. */
  public record Services(
      AppService apps, AppUrls urls, ContextService contexts, UserSettings settings) {}

  public AppsApi(Services services, CallerVerifier callers) {
    this.callers = callers;
    new AppHandlers(services.apps(), services.urls()).addTo(routes);
    new UserHandlers(services.apps(), services.settings()).addTo(routes);
    new ContextHandlers(services.contexts()).addTo(routes);
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param body the envelope with the payload, or the bare payload if the request had no envelope
   */
  public record Answer(int status, Bytes body) {}

  /**
   * Handles a message.
   *
   * @param bearer the token of the Authorization header; it counts if the payload has none
   * @param allowsBare whether a payload without envelope is understood
   * @return the answer; never fails
   */
  public CompletableFuture<Answer> handle(
      Bytes message, Optional<String> bearer, boolean allowsBare) {
    Function<ObjectNode, ObjectNode> frame = payload -> payload;
    try {
      var object = readMessage(message);
      if (allowsBare && object.has("type") && !object.has("payload")) {
        return answered(call(object, bearer), frame);
      }
      frame = Envelope.salvage(object)::answer;
      var envelope = Envelope.read(object);
      frame = envelope::answer;
      if (!(object.get("payload") instanceof ObjectNode payload)) {
        throw AppsException.field("payload", "payload must be an object");
      }
      return answered(call(payload, bearer), frame);
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(refused(e, frame));
    }
  }

  /** Reads the message; an unreadable message is answered in an envelope with an empty tid. */
  private static ObjectNode readMessage(Bytes message) {
    try {
      return Json.read(message);
    } catch (AppsException e) {
      throw new Unreadable(e);
    }
  }

  /** A message whose envelope cannot be read. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient AppsException refusal;

    private Unreadable(AppsException refusal) {
      super(refusal.text(), null, false, false);
      this.refusal = refusal;
    }
  }

  private CompletableFuture<ObjectNode> call(ObjectNode payload, Optional<String> bearer) {
    var fields = new Fields(payload);
    var type = fields.text("type");
    var route =
        routes
            .find(type)
            .orElseThrow(
                () ->
                    AppsException.of(
                            ErrorCode.UNKNOWN_TYPE, "this server has no request of this type")
                        .at("type"));
    var caller = caller(fields, bearer);
    if (caller.userId().isEmpty() && !route.allowsAnonymous()) {
      throw AppsException.of(
              ErrorCode.REQUIRE_LOGIN,
              "send auth with a type and a token; this request needs a user")
          .at("auth");
    }
    return route.handler().handle(caller, fields);
  }

  private Caller caller(Fields fields, Optional<String> bearer) {
    var auth = fields.optionalObject("auth");
    if (auth.isPresent()) {
      return new Caller(
          Optional.of(callers.verify(auth.get().text("type"), auth.get().text("token"))));
    }
    return new Caller(bearer.map(token -> callers.verify("parlor", token)));
  }

  private static CompletableFuture<Answer> answered(
      CompletableFuture<ObjectNode> payload, Function<ObjectNode, ObjectNode> frame) {
    return payload.handle(
        (answer, failure) ->
            failure == null
                ? new Answer(200, Json.bytes(frame.apply(answer)))
                : refused(failure, frame));
  }

  private static Answer refused(Throwable failure, Function<ObjectNode, ObjectNode> frame) {
    return switch (failure) {
      case CompletionException wrapped when wrapped.getCause() != null ->
          refused(wrapped.getCause(), frame);
      case AppsException refusal -> answer(refusal, frame);
      case Unreadable unreadable -> answer(unreadable.refusal, new Envelope("", "", "", 1)::answer);
      default -> {
        var id = UUID.randomUUID().toString();
        LOG.error("request {} of the apps API failed", id, failure);
        yield answer(
            AppsException.of(
                    ErrorCode.SERVER_ERROR,
                    "the request failed; the server's log has the error under " + id)
                .with("id", id),
            frame);
      }
    };
  }

  private static Answer answer(AppsException refusal, Function<ObjectNode, ObjectNode> frame) {
    return new Answer(refusal.code().status(), Json.bytes(frame.apply(Answers.error(refusal))));
  }
}
