package dev.parlor.room.generation;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.model.ModelRequest;
import dev.parlor.room.image.RoomImages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads the images of a prompt from the store, for the call and for the preview. Only images of the
 * same room are found. Safe from any thread.
 */
final class PromptImages {
  private final RoomImages images;

  PromptImages(RoomImages images) {
    this.images = images;
  }

  /**
   * The images that were found.
   *
   * @param byId the images by their content ids
   * @param missing the number of images that the room does not have
   */
  record Loaded(Map<String, ModelRequest.Image> byId, int missing) {
    static final Loaded NONE = new Loaded(Map.of(), 0);

    Loaded {
      byId = Map.copyOf(byId);
    }

    /** The messages of a request for people: each image as its content id, type and size. */
    List<Map<String, Object>> shown(BuiltPrompt prompt, ModelRequest request) {
      var shown = new ArrayList<Map<String, Object>>();
      for (var i = 0; i < request.messages().size(); i++) {
        var ids = prompt.messages().get(i).images().stream().filter(byId::containsKey).toList();
        shown.add(request.messages().get(i).shown(ids));
      }
      return List.copyOf(shown);
    }

    /** A sentence about the images that were not found; empty if all were. */
    Optional<String> sentence() {
      return missing == 0
          ? Optional.empty()
          : Optional.of(
              missing == 1
                  ? "1 image was left out: this server does not have it"
                  : missing + " images were left out: this server does not have them");
    }
  }

  /**
   * Reads the images of a prompt; fails with an {@link java.io.IOException} if the disk refuses.
   */
  CompletableFuture<Loaded> load(DocumentId room, BuiltPrompt prompt) {
    var ids = prompt.images();
    if (ids.isEmpty()) {
      return CompletableFuture.completedFuture(Loaded.NONE);
    }
    var reads = new ArrayList<CompletableFuture<Optional<RoomImages.StoredImage>>>();
    ids.forEach(id -> reads.add(images.find(room, id)));
    return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
        .thenApply(_ -> loaded(reads.stream().map(CompletableFuture::join).toList()));
  }

  private static Loaded loaded(List<Optional<RoomImages.StoredImage>> found) {
    var byId = new LinkedHashMap<String, ModelRequest.Image>();
    for (var image : found.stream().flatMap(Optional::stream).toList()) {
      byId.put(image.id(), ModelRequest.Image.of(image.mediaType(), image.content().toArray()));
    }
    return new Loaded(byId, found.size() - byId.size());
  }
}
