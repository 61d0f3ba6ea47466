package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.document.DocumentChanges;
import dev.parlor.relay.document.DocumentHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes deliveries from the present state of documents. Blocks on the disk. */
final class DeliveryBuilder {

  private final Tombstones tombstones;
  private final Function<DocumentId, DocumentHandle> documents;
  private final InstantSource clock;
  private final Supplier<String> ids;

  /**
   * @param ids makes the ids of deliveries
   */
  DeliveryBuilder(
      Tombstones tombstones,
      Function<DocumentId, DocumentHandle> documents,
      InstantSource clock,
      Supplier<String> ids) {
    this.tombstones = tombstones;
    this.documents = documents;
    this.clock = clock;
    this.ids = ids;
  }

  /**
   * The delivery that tells what is untold; empty if there is nothing to tell, for example after a
   * deletion that the disk refused.
   *
   * @throws IOException if the document cannot be read now
   */
  Optional<Delivery> build(DocumentId document, Untold untold) throws IOException {
    try {
      var record = tombstones.record(document);
      if (record.isPresent() && record.get().isDeletion()) {
        return untold.lifecycle()
            ? Optional.of(Delivery.ofDeletion(ids.get(), document, record.get(), clock.instant()))
            : Optional.empty();
      }
      var isRestored = untold.lifecycle() && record.isPresent();
      if (untold.since().isEmpty()) {
        return isRestored
            ? Optional.of(
                content(Delivery.Type.RESTORED, document, await(documents.apply(document).heads())))
            : Optional.empty();
      }
      var changes = await(documents.apply(document).changesSince(untold.since().get()));
      if (changes.chunks().isEmpty() && !isRestored) {
        return Optional.empty();
      }
      var type =
          isRestored
              ? Delivery.Type.RESTORED
              : untold.isCreation() ? Delivery.Type.CREATED : Delivery.Type.CHANGED;
      return Optional.of(content(type, document, changes));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Delivery content(Delivery.Type type, DocumentId document, DocumentChanges changes) {
    return Delivery.ofContent(type, ids.get(), document, changes, clock.instant());
  }

  private static DocumentChanges await(CompletableFuture<DocumentChanges> changes)
      throws IOException {
    try {
      return changes.get(FixedLimits.WEBHOOK_MILLIS_MAX, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (TimeoutException e) {
      throw new IOException("the document's changes did not reach the disk in time", e);
    } catch (ExecutionException e) {
      throw new IOException("the document cannot be read", e);
    }
  }
}
