package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.release.ReleasedFile.Transform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The stored form of a release.
 *
 * @param created as ISO-8601 in UTC
 */
record StoredRelease(
    String fsId,
    Map<String, String> env,
    List<StoredFile> fileSystem,
    String mode,
    String created) {

  /**
   * The stored form of a file.
   *
   * @param transform the word of the API, or empty
   * @param assetIds the ids that belong to the transform
   */
  record StoredFile(
      String fileName,
      String mimeType,
      String assetId,
      long size,
      boolean entryPoint,
      String transform,
      List<String> assetIds) {

    private static StoredFile of(ReleasedFile file) {
      var transform = file.transform();
      return new StoredFile(
          file.fileName(),
          file.mimeType(),
          file.assetId().text(),
          file.size(),
          file.entryPoint(),
          transform.map(StoredFile::word).orElse(""),
          transform.map(StoredFile::ids).orElse(List.of()).stream().map(ContentId::text).toList());
    }

    private static String word(Transform transform) {
      return switch (transform) {
        case Transform.JsxToJs _ -> "jsx-to-js";
        case Transform.Imports _ -> "imports";
        case Transform.ImportMap _ -> "import-map";
        case Transform.Transformed _ -> "transformed";
      };
    }

    private static List<ContentId> ids(Transform transform) {
      return switch (transform) {
        case Transform.JsxToJs(var id) -> List.of(id);
        case Transform.Imports(var id) -> List.of(id);
        case Transform.ImportMap(var ids) -> ids;
        case Transform.Transformed(var id) -> List.of(id);
      };
    }

    private ReleasedFile file() {
      var ids = assetIds.stream().map(ContentId::new).toList();
      Optional<Transform> stored =
          switch (transform) {
            case "jsx-to-js" -> Optional.of(new Transform.JsxToJs(ids.getFirst()));
            case "imports" -> Optional.of(new Transform.Imports(ids.getFirst()));
            case "import-map" -> Optional.of(new Transform.ImportMap(ids));
            case "transformed" -> Optional.of(new Transform.Transformed(ids.getFirst()));
            default -> Optional.empty();
          };
      return new ReleasedFile(fileName, mimeType, new ContentId(assetId), size, entryPoint, stored);
    }
  }

  static StoredRelease of(Release release) {
    return new StoredRelease(
        release.fsId().text(),
        release.environment(),
        release.files().stream().map(StoredFile::of).toList(),
        release.mode().wire(),
        release.created().toString());
  }

  Release release(String userSlug, String appSlug, long releaseSeq) {
    return new Release(
        userSlug,
        appSlug,
        releaseSeq,
        new ContentId(fsId),
        mode.equals(Mode.PRODUCTION.wire()) ? Mode.PRODUCTION : Mode.DEV,
        env,
        fileSystem.stream().map(StoredFile::file).toList(),
        Instant.parse(created));
  }
}
