package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.document.Peer;
import dev.parlor.relay.socket.transport.Outbox;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A joined connection as documents see it. Safe from any thread; compared by reference. */
final class SocketPeer implements Peer {

  private final PeerId id;
  private final Caller caller;
  private final PeerId server;
  private final Outbox outbox;
  private final boolean closesOnRefusal;
  private final RefusedDocuments refused = new RefusedDocuments();

  /** The roles in one document. */
  private record Roles(Role role, Set<String> named) {}

  /** The roles in the opened documents, if they depend on the document. */
  private final Map<DocumentId, Roles> roles = new ConcurrentHashMap<>(0);

  /**
   * Creates the peer of a connection that has just joined.
   *
   * @param closesOnRefusal whether the first refusal closes the connection, as the room's page
   *     needs
   */
  SocketPeer(PeerId id, Caller caller, PeerId server, Outbox outbox, boolean closesOnRefusal) {
    this.closesOnRefusal = closesOnRefusal;
    this.id = id;
    this.caller = caller;
    this.server = server;
    this.outbox = outbox;
  }

  @Override
  public PeerId id() {
    return id;
  }

  @Override
  public Caller caller() {
    return caller;
  }

  @Override
  public Role roleIn(DocumentId document) {
    var own = roles.get(document);
    return own == null ? caller.role() : own.role();
  }

  @Override
  public Set<String> namedRolesIn(DocumentId document) {
    var own = roles.get(document);
    return own == null ? caller.namedRoles() : own.named();
  }

  /** Sets the roles in a document, before the connection opens it. */
  void setRoles(DocumentId document, Role role, Set<String> named) {
    roles.put(document, new Roles(role, named));
  }

  @Override
  public boolean offer(Bytes shared, Bytes own) {
    return outbox.offer(shared, own);
  }

  @Override
  public boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    return outbox.offerEphemeral(shared, own, author);
  }

  @Override
  public void flush() {
    outbox.flush();
  }

  @Override
  public int framesWaiting() {
    return outbox.depth();
  }

  @Override
  public boolean refuse(DocumentId document, int code, String rule, String reason) {
    return apply(
        closesOnRefusal ? RefusedDocuments.Consequence.CLOSE : refused.of(document),
        document,
        code,
        rule,
        reason);
  }

  /** Like {@link #refuse}, for a message with an invalid document id [HS7]. */
  boolean refuseWithoutDocument(int code, String rule, String reason) {
    return apply(
        closesOnRefusal ? RefusedDocuments.Consequence.CLOSE : refused.ofNoDocument(),
        null,
        code,
        rule,
        reason);
  }

  /** Applies the consequence of a refusal; false if it closes the connection. */
  private boolean apply(
      RefusedDocuments.Consequence consequence,
      @Nullable DocumentId document,
      int code,
      String rule,
      String reason) {
    switch (consequence) {
      case COUNT -> {}
      case CLOSE -> close(code, rule, reason);
      case REPORT -> report(document, rule, reason);
    }
    return consequence != RefusedDocuments.Consequence.CLOSE;
  }

  /** Sends an {@code error} message. */
  void report(@Nullable DocumentId document, String rule, String reason) {
    var error = new WireMessage.ErrorMessage(server, id, errorText(rule, reason), document);
    outbox.offer(WireCodec.shared(error), WireCodec.target(id));
    outbox.flush();
  }

  @Override
  public void ignoreChanges(DocumentId document) {
    refused.ignore(document);
  }

  /** Whether the changes that the peer sends for this document are not read. */
  boolean ignores(DocumentId document) {
    return refused.ignores(document);
  }

  /** The text of an error message, for example {@code [HS7] the document id is invalid}. */
  private static String errorText(String rule, String reason) {
    return "[" + rule + "] " + reason;
  }

  @Override
  public void close(int code, String rule, String reason) {
    var text = errorText(rule, reason);
    outbox.close(code, text, WireCodec.encode(new WireMessage.ErrorMessage(server, id, text)));
  }
}
