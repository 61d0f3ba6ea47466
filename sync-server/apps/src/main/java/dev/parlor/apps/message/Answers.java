package dev.parlor.apps.message;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.release.ReleasedFile;
import dev.parlor.apps.release.ReleasedFile.Transform;
import java.util.List;
import java.util.Map;

/** The payloads of answers. */
public final class Answers {
  private static final String PREFIX = "vibes.diy.";

  private Answers() {}

  /**
   * A payload of this type without further members.
   *
   * @param name for example {@code res-publish-app}
   */
  public static ObjectNode of(String name) {
    return Json.object().put("type", PREFIX + name);
  }

  /** The names of an app: both spellings of the user's slug. */
  public static ObjectNode ofApp(String name, String userSlug, String appSlug) {
    return of(name).put("appSlug", appSlug).put("userSlug", userSlug).put("ownerHandle", userSlug);
  }

  /** The error that clients understand, and beside it the code, the field and further members. */
  public static ObjectNode error(AppsException refusal) {
    var answer = of("res-error");
    answer.putObject("error").put("message", refusal.text()).put("code", refusal.code().wire());
    answer.put("message", refusal.text());
    answer.put("code", refusal.code().wire());
    refusal.field().ifPresent(field -> answer.put("field", field));
    refusal
        .details()
        .forEach(
            (name, value) -> {
              if (value instanceof Number number) {
                answer.put(name, number.longValue());
              } else {
                answer.put(name, value.toString());
              }
            });
    return answer;
  }

  public static ObjectNode texts(Map<String, String> values) {
    var object = Json.object();
    values.forEach(object::put);
    return object;
  }

  public static ArrayNode texts(List<String> values) {
    var array = Json.object().arrayNode();
    values.forEach(array::add);
    return array;
  }

  /** The files of a release. */
  public static ArrayNode files(List<ReleasedFile> files) {
    var array = Json.object().arrayNode();
    for (var file : files) {
      var item =
          array
              .addObject()
              .put("fileName", file.fileName())
              .put("mimeType", file.mimeType())
              .put("assetId", file.assetId().text())
              .put("assetURI", "mapdb://Assets." + file.assetId().text())
              .put("size", file.size());
      if (file.entryPoint()) {
        item.put("entryPoint", true);
      }
      file.transform().ifPresent(transform -> item.set("transform", transform(transform)));
    }
    return array;
  }

  private static ObjectNode transform(Transform transform) {
    var object = Json.object();
    return switch (transform) {
      case Transform.JsxToJs(var id) ->
          object.put("type", "jsx-to-js").put("transformedAssetId", id.text());
      case Transform.Imports(var id) ->
          object.put("type", "imports").put("importMapAssetId", id.text());
      case Transform.ImportMap(var ids) -> {
        object.put("type", "import-map");
        var from = object.putArray("fromAssetIds");
        ids.forEach(id -> from.add(id.text()));
        yield object;
      }
      case Transform.Transformed(var id) ->
          object
              .put("type", "transformed")
              .put("action", "jsx-to-js")
              .put("transformedAssetId", id.text());
    };
  }
}
