package dev.parlor.apps.asset;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Bytes under their content id; equal bytes are stored once. Reading checks that the bytes match
 * the id. Every future fails with an {@link java.io.IOException} if the disk refuses.
 */
public interface AssetStore {

  CompletableFuture<Optional<Bytes>> get(ContentId id);

  /**
   * Stores bytes if they are not stored yet; completes when they are durable.
   *
   * @return their id
   */
  CompletableFuture<ContentId> put(Bytes content);
}
