package dev.parlor.relay.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.socket.Authenticator;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.relay.socket.UpgradeRequest;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.token.JwtKeys;
import dev.parlor.relay.token.JwtVerifier;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which clients may sync documents that are not rooms. Clients connect to {@code /sync},
 * and with a token to {@code /sync/a/<token>} or {@code /sync?access_token=<token>}. Protects
 * against DNS rebinding: the Host header must name this server.
 */
public final class SyncAccess implements Authenticator, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SyncAccess.class);
  private static final String TOPIC = "documentaccess";
  private static final String PATH = "/sync";
  private static final String TOKEN_PATH = "/sync/a/";
  private static final String TOKEN_PARAMETER = "access_token=";

  private final SyncSettings.Access access;
  private final Origins origins;
  private final @Nullable TokenAccess tokens;
  private final @Nullable Authorizer authorizer;
  private volatile Streams streams = (_, _) -> {};
  private volatile @Nullable NodeMessages others;

  private SyncAccess(
      SyncSettings.Access access,
      Origins origins,
      @Nullable TokenAccess tokens,
      @Nullable Authorizer authorizer) {
    this.access = access;
    this.origins = origins;
    this.tokens = tokens;
    this.authorizer = authorizer;
  }

  /**
   * Access as the settings say.
   *
   * @param store the store of the documents
   * @throws IOException if the file of the issuer's key cannot be read or has no usable key
   */
  public static SyncAccess of(
      SyncSettings settings, Origins origins, ChangeStore store, InstantSource clock)
      throws IOException {
    if (settings.issuer().isEmpty()) {
      return new SyncAccess(settings.access(), origins, null, null);
    }
    var issuer = settings.issuer().get();
    var keys =
        switch (issuer.keys()) {
          case SyncSettings.Keys.PemFile(var path) -> JwtKeys.ofPem(path);
          case SyncSettings.Keys.JwksUrl(var url) -> JwtKeys.ofUrl(url);
        };
    var verifier = new JwtVerifier(keys, issuer.issuer(), issuer.audience(), clock);
    var authorizer = settings.authorizer().map(url -> new Authorizer(url, clock));
    var tokens = new TokenAccess(verifier, new DocumentOwners(store), authorizer, clock);
    return new SyncAccess(settings.access(), origins, tokens, authorizer.orElse(null));
  }

  /**
   * Asks the app's backend again about a subject, for new and for open connections. Returns without
   * waiting for the backend.
   *
   * @param subject the {@code sub} of the subject's tokens
   * @param document the only document that this concerns; empty for all
   * @return whether a backend decides here
   */
  public boolean askAgain(String subject, Optional<DocumentId> document, SyncSockets sockets) {
    if (authorizer == null) {
      return false;
    }
    askAgain(Optional.of(subject), document, sockets);
    var nodes = others;
    if (nodes != null) {
      nodes.publish(TOPIC, new Order(subject, document).encode());
    }
    return true;
  }

  /**
   * Asks again on this node.
   *
   * @param subject empty for all subjects
   */
  private void askAgain(
      Optional<String> subject, Optional<DocumentId> document, SyncSockets sockets) {
    if (authorizer != null) {
      authorizer.forget(subject, document);
      var identity = subject.map(TokenAccess::identity);
      sockets.decideAgain(identity, document);
      streams.decideAgain(identity, document);
    }
  }

  /**
   * Sends orders to ask again to the other nodes, and carries out those of other nodes. If orders
   * may have been lost, asks again about everybody. Called once, before the web server starts.
   */
  public void share(NodeMessages messages, SyncSockets sockets) {
    if (authorizer == null) {
      return;
    }
    others = messages;
    // Asking again only enqueues, so the thread of the messages may do it.
    messages.subscribe(
        TOPIC,
        new NodeMessages.Listener() {
          @Override
          public void received(Bytes message) {
            Order.decode(message)
                .ifPresentOrElse(
                    order -> askAgain(Optional.of(order.subject()), order.document(), sockets),
                    () -> LOG.error("another node sent an order in an unknown form"));
          }

          @Override
          public void resumed() {
            askAgain(Optional.empty(), Optional.empty(), sockets);
          }
        });
  }

  /** An order to ask again about a subject: the document's id, a space, and the subject. */
  private record Order(String subject, Optional<DocumentId> document) {

    Bytes encode() {
      return Bytes.utf8(document.map(DocumentId::value).orElse("") + ' ' + subject);
    }

    static Optional<Order> decode(Bytes message) {
      var text = message.toUtf8();
      var space = text.indexOf(' ');
      if (space == 0) {
        return Optional.of(new Order(text.substring(1), Optional.empty()));
      }
      return space > 0
              && DocumentId.parse(text.substring(0, space))
                  instanceof Decoding.Decoded<DocumentId>(var document)
          ? Optional.of(new Order(text.substring(space + 1), Optional.of(document)))
          : Optional.empty();
    }
  }

  /** The open streams of documents, which an order to ask again concerns too. */
  @FunctionalInterface
  public interface Streams {
    /**
     * Decides again about the streams of this identity. Returns without waiting.
     *
     * @param identity empty for all identities
     * @param document the only document that this concerns; empty for all
     */
    void decideAgain(Optional<String> identity, Optional<DocumentId> document);
  }

  /** Sets the streams; called once, before the web server starts. */
  public void setStreams(Streams open) {
    streams = open;
  }

  /** Ends the questions to the app's backend. */
  @Override
  public void close() {
    if (authorizer != null) {
      authorizer.close();
    }
  }

  @Override
  public Outcome authenticate(UpgradeRequest request) {
    if (!origins.isOurHost(request.host())) {
      return new Outcome.Refused(421, "this server does not accept that Host header");
    }
    if (!serves(request.path())) {
      return new Outcome.Refused(404, "there is no socket at this path; use " + PATH);
    }
    return switch (access) {
      case OPEN ->
          request.path().equals(PATH)
              ? new Outcome.Accepted(Caller.ofOpenRelay())
              : new Outcome.Refused(404, "this server takes no tokens; connect to " + PATH);
      case CLOSED ->
          new Outcome.Refused(403, "/sync is closed; PARLOR_SYNC_ACCESS says who may connect");
      case TOKEN -> authenticateByToken(request);
    };
  }

  /**
   * Decides which caller an HTTP request about documents has. The Host header was checked.
   *
   * @param bearer the token of the request
   */
  public Outcome authenticate(Optional<String> bearer) {
    return switch (access) {
      case OPEN -> new Outcome.Accepted(Caller.ofOpenRelay());
      case CLOSED ->
          new Outcome.Refused(
              403, "documents are closed; PARLOR_SYNC_ACCESS says which clients may read them");
      case TOKEN -> authenticateBearer(bearer);
    };
  }

  private Outcome authenticateBearer(Optional<String> bearer) {
    var verifier = tokens;
    if (verifier == null || bearer.isEmpty()) {
      return new Outcome.Refused(
          401,
          "[" + TokenAccess.TOKEN_RULE + "] the header Authorization: Bearer <token> is required");
    }
    var outcome = verifier.authenticate(bearer.get());
    return outcome instanceof Outcome.Accepted(_, var session)
            && session.filter(token -> !token.validFor().isPositive()).isPresent()
        ? new Outcome.Refused(401, "[" + TokenAccess.TOKEN_RULE + "] the token has expired")
        : outcome;
  }

  /** Whether this is a path of clients that sync documents that are not rooms. */
  public static boolean serves(String path) {
    return path.equals(PATH) || path.startsWith(TOKEN_PATH);
  }

  private Outcome authenticateByToken(UpgradeRequest request) {
    var verifier = tokens;
    var token = token(request);
    if (verifier == null || token.isEmpty()) {
      return new Outcome.Refused(
          401,
          "["
              + TokenAccess.TOKEN_RULE
              + "] a token is required: connect to /sync/a/<token> or /sync?access_token=<token>");
    }
    return verifier.authenticate(token.get());
  }

  private static Optional<String> token(UpgradeRequest request) {
    if (request.path().startsWith(TOKEN_PATH)) {
      return Optional.of(request.path().substring(TOKEN_PATH.length()));
    }
    return Arrays.stream(request.query().split("&"))
        .filter(parameter -> parameter.startsWith(TOKEN_PARAMETER))
        .map(parameter -> parameter.substring(TOKEN_PARAMETER.length()))
        .map(SyncAccess::decoded)
        .filter(token -> !token.isEmpty())
        .findFirst();
  }

  /** Decodes a parameter; empty if it is malformed. */
  private static String decoded(String parameter) {
    try {
      return URLDecoder.decode(parameter, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
