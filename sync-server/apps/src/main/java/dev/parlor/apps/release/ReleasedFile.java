package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import java.util.List;
import java.util.Optional;

/**
 * A file of a release.
 *
 * @param mimeType the type with which it is served
 * @param size in bytes
 * @param entryPoint whether the app starts with it
 * @param transform how it was made from other files, or what was made from it
 */
public record ReleasedFile(
    String fileName,
    String mimeType,
    ContentId assetId,
    long size,
    boolean entryPoint,
    Optional<Transform> transform) {

  /** The part that a file has in the transform of a release. */
  public sealed interface Transform {

    /** A source whose JavaScript is stored as this asset. */
    record JsxToJs(ContentId transformedAssetId) implements Transform {}

    /** A module whose imports are in this import map. */
    record Imports(ContentId importMapAssetId) implements Transform {}

    /** The import map of these modules. */
    record ImportMap(List<ContentId> fromAssetIds) implements Transform {
      public ImportMap {
        fromAssetIds = List.copyOf(fromAssetIds);
      }
    }

    /** JavaScript that was made from a source; the path of the file names the source's id. */
    record Transformed(ContentId transformedAssetId) implements Transform {}
  }
}
