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
 * Holds back acknowledgements until the commit [DU1]. Every sync message carries our heads, and
 * heads that cover a change tell its author that the change is safe. So a peer that delivered an
 * uncommitted change is sent nothing until the commit; the commit makes the peer due again. Belongs
 * to the document's worker.
 */
final class Acknowledgements {

  private record Waiter(int position, CompletableFuture<Void> done) {}

  private final ChangeGraph graph;
  private final CommitLog commits;
  private final List<PeerSession> everyone;
  private final Consumer<PeerSession> markDue;

  /** The server's own submissions and flushes, by the position that they wait for, ascending. */
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  /**
   * One past the server's own last change while that change is on its way to the disk; otherwise 0.
   * Until the commit the document sends no sync messages. After a crash in which the server lost
   * the change, a client that already had it would have to bring it back, and may not write changes
   * that only the server may make [AD6].
   */
  private int ownChangesEnd;

  /**
   * @param everyone the document's own list of peers, which the document keeps changing
   * @param markDue makes a peer due for a sync message
   */
  Acknowledgements(
      ChangeGraph graph,
      CommitLog commits,
      List<PeerSession> everyone,
      Consumer<PeerSession> markDue) {
    this.graph = graph;
    this.commits = commits;
    this.everyone = everyone;
    this.markDue = markDue;
  }

  /** Whether a sync message to this peer has to wait for a commit. */
  boolean areHeldBack(PeerSession to) {
    return ownChangesEnd > 0 || waitsForItsChanges(to);
  }

  /** Whether changes that the peer delivered are not on disk yet. */
  boolean waitsForItsChanges(PeerSession session) {
    return session.commitWait.isOpen(commits.committed());
  }

  /** Whether a change of the server's own is on its way to the disk. */
  boolean isOwnChangeOnItsWay() {
    return ownChangesEnd > 0;
  }

  // Changes come.

  /**
   * A peer that comes back, here or from another node, may be the author of changes that are not on
   * disk yet. It counts as having delivered those that its heads cover.
   */
  void holdIfAuthor(PeerSession session, List<ChangeHash> heads) {
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
   * The peers that have heads that are not here. Such a peer may be the author of changes that
   * another source brings next, and must not get them acknowledged before they are on disk.
   */
  List<PeerSession> possibleAuthors() {
    List<PeerSession> authors = List.of();
    for (var i = 0; i < everyone.size(); i++) {
      var session = everyone.get(i);
      if (!session.sync.missingHeads().isEmpty()) {
        if (authors.isEmpty()) {
          authors = new ArrayList<>(1);
        }
        authors.add(session);
      }
    }
    return authors;
  }

  /** These peers wait for the commit of all changes that are in the graph now. */
  void hold(List<PeerSession> sessions) {
    for (var session : sessions) {
      session.commitWait.extendTo(graph.size());
    }
  }

  /** The server's own changes were added to the graph. */
  void holdOwnChanges() {
    if (!commits.inTrouble()) {
      ownChangesEnd = graph.size();
    }
  }

  /** The changes of the peer's message are admitted; measures the peer's wait from here. */
  void measureWait(PeerSession session, long now) {
    session.commitWait.measure(commits.committed(), now);
  }

  // Commits come.

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
      releaseOwnChanges(); // stop waiting for a disk that refuses
    } else if (commits.taken(from)) {
      committed();
    }
  }

  private void committed() {
    var committed = commits.committed();
    while (!waiters.isEmpty() && waiters.peekFirst().position() <= committed) {
      waiters.removeFirst().done().complete(null);
    }
    for (var session : everyone) {
      if (session.commitWait.endIfCommitted(committed)) {
        markDue.accept(session);
      }
    }
    if (ownChangesEnd <= committed) {
      releaseOwnChanges();
    }
    commits.append();
  }

  private void releaseOwnChanges() {
    if (ownChangesEnd > 0) {
      ownChangesEnd = 0;
      everyone.forEach(markDue);
    }
  }

  /** The document failed. */
  void fail(Throwable cause) {
    for (var waiter : waiters) {
      waiter
          .done()
          .completeExceptionally(new SubmissionException("room", "the document failed", cause));
    }
  }
}
