package dev.parlor.relay.documents;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.content.ChangeBuilder;
import dev.parlor.crdt.content.Content;
import dev.parlor.crdt.content.ContentReader;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.HeadsChangedException;
import dev.parlor.relay.document.SubmissionException;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.documents.Documents.KnownState;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Writes changes for callers. Each change passes the document's admission like a change of a peer,
 * and a call returns when it is on disk. Blocks; safe from any thread.
 */
final class DocumentWrites {

  /** Attempts of a patch that tests values of a document which changes all the time. */
  private static final int ATTEMPTS_MAX = 5;

  private final DocumentDirectory directory;
  private final DocumentReads reads;
  private final ReadThreads threads;
  private final DocumentApiLimits limits;
  private final InstantSource clock;
  private final CallerActors actors;

  DocumentWrites(
      DocumentDirectory directory,
      DocumentReads reads,
      ReadThreads threads,
      DocumentApiLimits limits,
      InstantSource clock,
      RandomGenerator random) {
    this.directory = directory;
    this.reads = reads;
    this.threads = threads;
    this.limits = limits;
    this.clock = clock;
    this.actors = new CallerActors(random);
  }

  /** A change that was made but not added yet. */
  private record Draft(Content content, Optional<ChangeChunk> change) {}

  /**
   * Patches a document.
   *
   * @param expected the state that the document must have; empty if any will do
   * @return the heads of the state that the caller's patch led to
   */
  List<ChangeHash> patch(
      DocumentId document, Caller caller, Patch patch, Optional<KnownState> expected) {
    for (var attempt = 1; ; attempt++) {
      threads.await(directory.flush(document));
      var draft = threads.run(() -> draft(document, caller, patch, expected));
      if (draft.change().isEmpty()) {
        return draft.content().heads();
      }
      var change = draft.change().get();
      var isExact = expected.isPresent() || patch.testsDocument();
      var heads =
          isExact ? Optional.of(draft.content().heads()) : Optional.<List<ChangeHash>>empty();
      try {
        submit(document, List.of(change), caller, heads);
      } catch (HeadsChangedException _) {
        actors.giveBack(document, caller.identity(), change.actor(), change.seq() - 1);
        if (expected.isPresent()) {
          throw changed();
        }
        if (attempt == ATTEMPTS_MAX) {
          throw DocumentFault.of(
              Kind.CONFLICT,
              "changes-too-often",
              "the document changed during each of " + ATTEMPTS_MAX + " attempts; try again");
        }
        continue;
      }
      actors.giveBack(document, caller.identity(), change.actor(), change.seq());
      return List.of(change.hash());
    }
  }

  private static DocumentFault changed() {
    return DocumentFault.of(
        Kind.CHANGED,
        "changed",
        "the document has changed: If-Match does not have the tag of its newest state");
  }

  private Draft draft(
      DocumentId document, Caller caller, Patch patch, Optional<KnownState> expected) {
    var content = reads.history(reads.stored(document)).content(limits.operationsMax());
    if (expected.filter(state -> !state.isKnown(content.heads())).isPresent()) {
      throw changed();
    }
    var wanted = Patch.requireObject(patch.apply(JsonForm.plain(content.root())));
    var builder = new ChangeBuilder(content, actors.take(document, caller.identity(), content));
    new Reconciler(builder).reconcile(content.root(), wanted, "");
    return new Draft(
        content, builder.size() == 0 ? Optional.empty() : Optional.of(builder.build(seconds())));
  }

  private long seconds() {
    return clock.instant().getEpochSecond();
  }

  /** Creates a document with this content; the result is its heads. */
  List<ChangeHash> create(DocumentId document, Caller caller, JsonNode content) {
    var change =
        threads.run(
            () -> {
              var empty = new ContentReader(limits.operationsMax()).content();
              var builder =
                  new ChangeBuilder(empty, actors.take(document, caller.identity(), empty));
              new Reconciler(builder).reconcile(empty.root(), Patch.requireObject(content), "");
              return builder.build(seconds());
            });
    submit(document, List.of(change), caller, Optional.of(List.of()));
    actors.giveBack(document, caller.identity(), change.actor(), change.seq());
    return List.of(change.hash());
  }

  /** Creates a document with this history; the result is its heads. */
  List<ChangeHash> create(DocumentId document, Caller caller, History history) {
    submit(document, history.changes(), caller, Optional.of(List.of()));
    return history.heads();
  }

  /** Adds changes, and returns when they are on disk. */
  private void submit(
      DocumentId document,
      List<ChangeChunk> changes,
      Caller caller,
      Optional<List<ChangeHash>> expectedHeads) {
    var author =
        caller.identity().isPresent()
            ? caller
            : new Caller(Optional.of(Caller.GUEST + "http"), caller.role(), caller.scope());
    try {
      threads.await(directory.handle(document).submit(changes, author, expectedHeads));
    } catch (SubmissionException e) {
      throw refusal(e);
    }
  }

  private static DocumentFault refusal(SubmissionException refused) {
    var prefix = "[" + refused.rule() + "] ";
    var message = String.valueOf(refused.getMessage());
    var reason = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    return switch (refused.rule()) {
      case "AD4", "AD5", "AD6" -> DocumentFault.rule(Kind.FORBIDDEN, refused.rule(), reason);
      case "AD1", "AD2", "AD3" -> DocumentFault.rule(Kind.UNACCEPTABLE, refused.rule(), reason);
      default -> DocumentFault.rule(Kind.UNAVAILABLE, refused.rule(), reason);
    };
  }
}
