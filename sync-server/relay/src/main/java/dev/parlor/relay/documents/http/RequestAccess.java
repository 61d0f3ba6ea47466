package dev.parlor.relay.documents.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.socket.Authenticator.TokenSession;
import dev.parlor.relay.socket.DocumentAccess;
import dev.parlor.relay.stream.DocumentStreams;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the caller of one request may do. The decisions are those of sync: by the claims of the
 * token, or by the app's backend. A decision may block on the disk or on the backend.
 */
final class RequestAccess {

  /** A document that the caller may reach, with the caller in the role for this document. */
  record Granted(DocumentId document, Caller caller, Permission permission) {}

  private final Documents documents;
  private final Deletions deletions;
  private final Caller caller;
  private final @Nullable DocumentAccess decisions;
  private final Optional<Duration> tokenValidFor;
  private final Permission openPermission;

  /**
   * @param session the decisions about the caller; empty in an open relay
   * @param openPermission the permission of every caller of an open relay
   */
  RequestAccess(
      Documents documents,
      Deletions deletions,
      Caller caller,
      Optional<TokenSession> session,
      Permission openPermission) {
    this.openPermission = openPermission;
    this.documents = documents;
    this.deletions = deletions;
    this.caller = caller;
    this.decisions = session.map(TokenSession::documents).orElse(null);
    this.tokenValidFor = session.map(TokenSession::validFor);
  }

  /** Whether the server takes no tokens, so that every client may reach every document. */
  boolean isOpen() {
    return decisions == null;
  }

  /** The identity that the token proved; empty in an open relay. */
  Optional<String> identity() {
    return caller.identity();
  }

  /**
   * Checks that the caller may read the document.
   *
   * @throws DocumentFault 403 without the permission, 410 if the document was deleted, 404 if there
   *     is no such document
   */
  Granted read(DocumentId document) {
    var granted = decide(document, false);
    requireExists(document);
    return granted;
  }

  /** Checks that the caller may write to the document; faults as for {@link #read}. */
  Granted write(DocumentId document) {
    return write(document, Permission.WRITE);
  }

  /** Checks that the caller owns the document; faults as for {@link #read}. */
  Granted own(DocumentId document) {
    return write(document, Permission.OWN);
  }

  /** As {@link #own}, for a document that may be deleted. */
  Granted ownAlsoDeleted(DocumentId document) {
    if (!deletions.isDeleted(document)) {
      return own(document);
    }
    var granted = decide(document, false);
    requirePermission(granted, Permission.OWN);
    return granted;
  }

  private Granted write(DocumentId document, Permission needed) {
    // A peer with content creates a document that does not exist; a request never does that.
    var granted = decide(document, documents.exists(document));
    requireExists(document);
    requirePermission(granted, needed);
    return granted;
  }

  private void requirePermission(Granted granted, Permission needed) {
    if (granted.permission().compareTo(needed) < 0) {
      throw DocumentFault.rule(
          Kind.FORBIDDEN,
          needed == Permission.OWN ? "TK2" : "AD5",
          needed == Permission.OWN
              ? isOpen()
                  ? "an open server lets no client delete or restore a document"
                  : "only an owner of the document may do this"
              : "the token permits reading this document only");
    }
  }

  /**
   * Checks that the caller may create a document. The caller owns it from then on.
   *
   * @param document a new id
   */
  Granted create(DocumentId document) {
    var granted = decide(document, true);
    if (!granted.permission().role().mayWrite()) {
      throw DocumentFault.rule(
          Kind.FORBIDDEN, "TK2", "the token does not permit to create documents");
    }
    return granted;
  }

  /** The caller as the reader of a stream, which outlives this request. */
  DocumentStreams.Reader reader(DocumentId document) {
    var access = decisions;
    return new DocumentStreams.Reader(
        caller.identity(),
        () ->
            access == null
                ? new DocumentAccess.Decision.Allowed(openPermission)
                : access.decide(document, false),
        tokenValidFor);
  }

  /** Whether a list for the caller has the document, which is stored. */
  boolean isListed(DocumentId document) {
    return !deletions.isDeleted(document)
        && (decisions == null
            || decision(document, false) instanceof DocumentAccess.Decision.Allowed);
  }

  private Granted decide(DocumentId document, boolean hasContent) {
    if (decisions == null) {
      return new Granted(document, caller, openPermission);
    }
    return switch (decision(document, hasContent)) {
      case DocumentAccess.Decision.Allowed(var permission, _) ->
          new Granted(document, callerIn(document, permission), permission);
      case DocumentAccess.Decision.Denied(var rule, var reason) ->
          throw DocumentFault.rule(Kind.FORBIDDEN, rule, reason);
      case DocumentAccess.Decision.Unavailable(var rule, var reason) ->
          throw DocumentFault.rule(Kind.UNAVAILABLE, rule, reason);
    };
  }

  private Caller callerIn(DocumentId document, Permission permission) {
    var roles = decisions == null ? Set.<String>of() : decisions.namedRoles(document);
    return new Caller(
        caller.identity(), permission.role(), Optional.empty(), Optional.empty(), roles);
  }

  private DocumentAccess.Decision decision(DocumentId document, boolean hasContent) {
    if (decisions == null) {
      throw new IllegalStateException("an open relay makes no decisions");
    }
    var decision = decisions.decide(document, hasContent);
    if (decision instanceof DocumentAccess.Decision.Unavailable(var rule, var reason)) {
      throw DocumentFault.rule(Kind.UNAVAILABLE, rule, reason);
    }
    return decision;
  }

  /** The only place that tells a deleted document from one that never was. */
  private void requireExists(DocumentId document) {
    if (deletions.isDeleted(document)) {
      throw DocumentFault.of(Kind.DELETED, "deleted", "the document was deleted");
    }
    if (!documents.exists(document)) {
      throw DocumentFault.notFound();
    }
  }
}
