package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Holds back sync messages to peers until the commit of their changes [DU1]. Every sync message
 * contains the server's heads, and heads that cover a change tell its author that the change is on
 * disk. So a peer that delivered an uncommitted change is sent no sync message until the commit.
 * The commit makes the peer due again. Belongs to the document's worker.
 */
final class Acknowledgements {

  private record Waiter(int position, CompletableFuture<Void> done) {}

  private final ChangeGraph graph;
  private final CommitLog commits;
  private final List<PeerSession> sessions;
  private final Consumer<PeerSession> markDue;
  private final boolean isCluster;

  /** Futures of the server's submissions and flushes, in order of the position they wait for. */
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  /**
   * One past the position of the server's last own change until that change is committed; otherwise
   * 0. Until the commit the document sends no sync messages. If the server crashed and lost the
   * change, only a client that had received it could restore it. But a client may not send changes
   * that only the server may make [AD6].
   */
  private int ownChangesEnd;

  /**
   * @param sessions the document's peers; the document adds and removes peers in this list
   * @param markDue makes a peer due for a sync message
   * @param isCluster whether other nodes serve the same documents
   */
  Acknowledgements(
      ChangeGraph graph,
      CommitLog commits,
      List<PeerSession> sessions,
      Consumer<PeerSession> markDue,
      boolean isCluster) {
    this.isCluster = isCluster;
    this.graph = graph;
    this.commits = commits;
    this.sessions = sessions;
    this.markDue = markDue;
  }

  /** Whether a sync message to this peer has to wait for a commit. */
  boolean isHeldBack(PeerSession to) {
    return ownChangesEnd > 0 || awaitsCommit(to);
  }

  /** Whether some changes that the peer delivered are not on disk yet. */
  boolean awaitsCommit(PeerSession session) {
    return session.commitWait.isOpen(commits.committed());
  }

  /**
   * Whether the peer's changes wait for a commit for which its further messages should wait. That
   * is not so while the commits to a cluster are stalled.
   */
  boolean shouldDefer(PeerSession session, long now) {
    return awaitsCommit(session) && !isStalled(now);
  }

  /** Whether the peer's wait is so long that its further messages should wait for its end. */
  boolean isWaitTooLong(PeerSession session, long now) {
    return session.commitWait.isTooLong(now) && !isStalled(now);
  }

  /** Nanoseconds until deferred messages are handled although their commit is missing. */
  long nanosToStall(long now) {
    return isCluster ? commits.nanosToStall(now) : Long.MAX_VALUE;
  }

  private boolean isStalled(long now) {
    return isCluster && commits.isStalled(now);
  }

  /** Whether some of the server's own changes are not on disk yet. */
  boolean hasUncommittedOwnChanges() {
    return ownChangesEnd > 0;
  }

  // Before the commit.

  /**
   * Holds back a peer that connects, if its heads cover uncommitted changes. The peer may be the
   * author of these changes, for example when it reconnects or moves from another node.
   */
  void holdBackIfAuthor(PeerSession session, List<ChangeHash> heads) {
    if (commits.isCurrent()) {
      return;
    }
    for (var head : heads) {
      var position = graph.position(head);
      if (position < 0) {
        session.commitWait.extendTo(graph.size()); // the unknown head may follow any change
      } else if (position >= commits.committed()) {
        session.commitWait.extendTo(position + 1);
      }
    }
  }

  /**
   * The peers that have announced heads that this document lacks. Such a peer may be the author of
   * the changes that another source delivers next. Those changes must not be acknowledged to it
   * before they are on disk.
   */
  List<PeerSession> possibleAuthors() {
    List<PeerSession> authors = List.of();
    for (var i = 0; i < sessions.size(); i++) {
      var session = sessions.get(i);
      if (!session.sync.missingHeads().isEmpty()) {
        if (authors.isEmpty()) {
          authors = new ArrayList<>(1);
        }
        authors.add(session);
      }
    }
    return authors;
  }

  /** Holds back these peers until all changes that are in the graph now are committed. */
  void holdBack(List<PeerSession> peers) {
    for (var session : peers) {
      session.commitWait.extendTo(graph.size());
    }
  }

  /** The server added changes of its own to the graph: holds back all peers until the commit. */
  void holdBackAll() {
    if (!commits.hasRefusedRuns()) {
      ownChangesEnd = graph.size();
    }
  }

  /** Starts to measure the wait of a peer, whose message was admitted, for the commit. */
  void measureWait(PeerSession session, long now) {
    session.commitWait.measure(commits.committed(), now);
  }

  // After the commit.

  /** Completes the future when all changes that are in the graph now are on disk. */
  void whenCommitted(CompletableFuture<Void> done) {
    if (commits.isCurrent()) {
      done.complete(null);
    } else {
      waiters.add(new Waiter(graph.size(), done));
    }
  }

  boolean hasWaiters() {
    return !waiters.isEmpty();
  }

  /** The store answered an append that began at this position. */
  void appended(int from, Optional<Throwable> failure, long now) {
    if (failure.isPresent()) {
      commits.refused(from, now);
      releaseAll(); // a refusing disk must not hold back all peers
    } else if (commits.stored(from)) {
      committed();
    }
  }

  private void committed() {
    var committed = commits.committed();
    while (!waiters.isEmpty() && waiters.peekFirst().position() <= committed) {
      waiters.removeFirst().done().complete(null);
    }
    for (var session : sessions) {
      if (session.commitWait.endIfCommitted(committed)) {
        markDue.accept(session);
      }
    }
    if (ownChangesEnd <= committed) {
      releaseAll();
    }
    commits.append();
  }

  private void releaseAll() {
    if (ownChangesEnd > 0) {
      ownChangesEnd = 0;
      sessions.forEach(markDue);
    }
  }

  /** The document failed: fails all futures. */
  void fail(Throwable cause) {
    for (var waiter : waiters) {
      waiter
          .done()
          .completeExceptionally(new SubmissionException("room", "the document failed", cause));
    }
  }
}
