package dev.parlor.apps.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.release.SourceFile;
import dev.parlor.apps.release.SourceFile.Content;
import dev.parlor.crdt.identity.Bytes;
import java.util.Base64;
import java.util.List;

/** Reads the files of a deploy. */
public final class FileReader {
  private static final int BYTE_MAX = 255;

  private FileReader() {}

  /** The files of the list {@code fileSystem}. */
  public static List<SourceFile> read(Fields payload) {
    return payload.objects("fileSystem").stream().map(FileReader::file).toList();
  }

  private static SourceFile file(Fields file) {
    var content = content(file);
    return new SourceFile(
        file.text("filename"),
        file.flag("entryPoint", false),
        file.optionalText("mimetype").filter(type -> !type.isEmpty()),
        content);
  }

  private static Content content(Fields file) {
    var type = file.text("type");
    return switch (type) {
      case "code-block" -> new Content.Code(file.text("lang"), file.text("content"));
      case "str-asset-block" -> new Content.Text(file.text("content"));
      case "uint8-asset-block" -> new Content.Binary(bytes(file));
      case "code-ref", "str-asset-ref", "uint8-asset-ref" ->
          new Content.Reference(file.text("refId"));
      default ->
          throw AppsException.field(
              file.path("type"),
              file.path("type")
                  + " must be code-block, code-ref, str-asset-block, str-asset-ref,"
                  + " uint8-asset-block or uint8-asset-ref");
    };
  }

  /**
   * Bytes in one of three forms: base64, a list of numbers, or the object that JSON makes of a
   * {@code Uint8Array}: {@code {"0": 137, "1": 80}}.
   */
  private static Bytes bytes(Fields file) {
    var path = file.path("content");
    var content =
        file.get("content").orElseThrow(() -> AppsException.field(path, path + " is missing"));
    if (content.isTextual()) {
      try {
        return Bytes.wrap(Base64.getDecoder().decode(content.textValue()));
      } catch (IllegalArgumentException e) {
        throw AppsException.field(path, path + " is not base64");
      }
    }
    if (content.isArray() || content instanceof ObjectNode) {
      return numbers(path, content);
    }
    throw AppsException.field(
        path, path + " must be base64, a list of numbers, or an object of numbers by index");
  }

  private static Bytes numbers(String path, JsonNode content) {
    var bytes = new byte[content.size()];
    for (var index = 0; index < bytes.length; index++) {
      var number = content.isArray() ? content.get(index) : content.get(Integer.toString(index));
      if (number == null
          || !number.isIntegralNumber()
          || !number.canConvertToInt()
          || number.intValue() < 0
          || number.intValue() > BYTE_MAX) {
        throw AppsException.field(
            path,
            path + " must have a number from 0 to 255 at every index; " + index + " has none");
      }
      bytes[index] = (byte) number.intValue();
    }
    return Bytes.wrap(bytes);
  }
}
