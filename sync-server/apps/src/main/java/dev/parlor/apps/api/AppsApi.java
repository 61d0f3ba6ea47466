package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.address.AppUrls;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.identity.CallerVerifier;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.message.Answers;
import dev.parlor.apps.message.Envelope;
import dev.parlor.apps.message.Fields;
import dev.parlor.apps.message.Json;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.apps.release.AppService;
import dev.parlor.apps.settings.UserSettings;
import dev.parlor.contexts.ContextService;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API of apps and contexts; both transports pass their messages to it. The envelope and the
 * type of a request are checked first, then its user, then its fields. Every request gets one
 * answer. Safe from any thread; a call may block to fetch keys.
 */
public final class AppsApi {
  private static final Logger LOG = LoggerFactory.getLogger(AppsApi.class);

  /** The envelope of a message whose own envelope was not read. */
  private static final Envelope UNREAD = new Envelope("", "", "", 1);

  private final CallerVerifier callers;
  private final RequestRates rates;
  private final RequestObserver observer;
  private final LongSupplier nanoTime;
  private final Routes routes = new Routes();

  /** The services behind the API. */
  public record Services(
      AppService apps, AppUrls urls, ContextService contexts, UserSettings settings) {}

  /**
   * @param observer hears of every answered request
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public AppsApi(
      Services services,
      CallerVerifier callers,
      RequestRates rates,
      RequestObserver observer,
      LongSupplier nanoTime) {
    this.callers = callers;
    this.rates = rates;
    this.observer = observer;
    this.nanoTime = nanoTime;
    new AppHandlers(services.apps(), services.urls()).addTo(routes);
    new UserHandlers(services.apps(), services.settings()).addTo(routes);
    new ContextHandlers(services.contexts()).addTo(routes);
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param body the envelope with the payload, or the bare payload if the request had no envelope
   * @param retryAfterSeconds when to try again; 0 if the answer does not depend on the time
   */
  public record Answer(int status, Bytes body, long retryAfterSeconds) {}

  /**
   * A message from a client.
   *
   * @param address the client's address, for its rate
   * @param bearer the token of the Authorization header; it counts if the payload has none
   * @param allowsBare whether a payload without envelope is understood
   */
  public record Message(
      Bytes content, String address, Optional<String> bearer, boolean allowsBare) {}

  /**
   * Handles a message.
   *
   * @return the answer; never fails
   */
  public CompletableFuture<Answer> handle(Message message) {
    var request = new Request(nanoTime.getAsLong(), message.content().length());
    try {
      var tooMany = rates.countAddress(message.address());
      if (tooMany.isPresent()) {
        request.frame = UNREAD::answer;
        if (message.content().length() <= AppLimits.REFUSED_READ_BYTES_MAX) {
          frame(request, readMessage(message.content()), message.allowsBare());
        }
        return CompletableFuture.completedFuture(refused(tooMany.get(), request));
      }
      var object = readMessage(message.content());
      if (frame(request, object, message.allowsBare())) {
        return answered(call(object, message.bearer(), request), request);
      }
      var envelope = Envelope.read(object);
      request.frame = envelope::answer;
      if (!(object.get("payload") instanceof ObjectNode payload)) {
        throw AppsException.field("payload", "payload must be an object");
      }
      return answered(call(payload, message.bearer(), request), request);
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(refused(e, request));
    }
  }

  /** Answers a message that the transport does not read; it counts as a request. */
  public Answer refuse(AppsException refusal) {
    return refused(refusal, new Request(nanoTime.getAsLong(), 0));
  }

  /**
   * Frames the answer with the valid parts of the message's envelope.
   *
   * @return whether the message is a payload without envelope
   */
  private static boolean frame(Request request, ObjectNode object, boolean allowsBare) {
    if (allowsBare && object.has("type") && !object.has("payload")) {
      request.frame = payload -> payload;
      return true;
    }
    var salvaged = Envelope.salvage(object);
    request.tid = salvaged.tid();
    request.frame = salvaged::answer;
    return false;
  }

  /** One request in progress; its fields are set before its answer is made. */
  private static final class Request {
    final long startNanos;
    final int bytes;
    String tid = "";
    Optional<String> userId = Optional.empty();
    String type = RequestObserver.UNKNOWN_TYPE;
    Function<ObjectNode, ObjectNode> frame = payload -> payload;

    Request(long startNanos, int bytes) {
      this.startNanos = startNanos;
      this.bytes = bytes;
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

  /** A message with an unreadable envelope. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient AppsException refusal;

    private Unreadable(AppsException refusal) {
      super(refusal.text(), null, false, false);
      this.refusal = refusal;
    }
  }

  private CompletableFuture<ObjectNode> call(
      ObjectNode payload, Optional<String> bearer, Request request) {
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
    request.type = type;
    var caller = caller(fields, bearer);
    request.userId = caller.userId();
    caller
        .userId()
        .flatMap(rates::countUser)
        .ifPresent(
            refusal -> {
              throw refusal;
            });
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

  private CompletableFuture<Answer> answered(
      CompletableFuture<ObjectNode> payload, Request request) {
    return payload.handle(
        (answer, failure) -> {
          if (failure != null) {
            return refused(failure, request);
          }
          return sent(request, Optional.empty(), 200, answer, 0);
        });
  }

  private Answer refused(Throwable failure, Request request) {
    return switch (failure) {
      case CompletionException wrapped when wrapped.getCause() != null ->
          refused(wrapped.getCause(), request);
      case AppsException refusal -> answer(refusal, request);
      case Unreadable unreadable -> {
        request.frame = UNREAD::answer;
        yield answer(unreadable.refusal, request);
      }
      default -> {
        var id = UUID.randomUUID().toString();
        LOG.error("request {} of the apps API failed", id, failure);
        yield answer(
            AppsException.of(
                    ErrorCode.SERVER_ERROR,
                    "the request failed; the server's log has the error under " + id)
                .with("id", id),
            request);
      }
    };
  }

  private Answer answer(AppsException refusal, Request request) {
    var retryAfter = refusal.details().get(RequestRates.RETRY_AFTER);
    return sent(
        request,
        Optional.of(refusal.code()),
        refusal.code().status(),
        Answers.error(refusal),
        retryAfter instanceof Number seconds ? seconds.longValue() : 0);
  }

  private Answer sent(
      Request request,
      Optional<ErrorCode> refusal,
      int status,
      ObjectNode payload,
      long retryAfterSeconds) {
    var body = Json.bytes(request.frame.apply(payload));
    observer.answered(
        new RequestObserver.AnsweredRequest(
            request.type,
            request.tid,
            request.userId,
            refusal,
            nanoTime.getAsLong() - request.startNanos,
            request.bytes,
            body.length()));
    return new Answer(status, body, retryAfterSeconds);
  }
}
