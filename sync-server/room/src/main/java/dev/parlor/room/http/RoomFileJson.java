package dev.parlor.room.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.room.limits.FixedServiceLimits;
import java.io.ByteArrayInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of an exported room. The bytes of images are decoded while the file is read, so that no
 * base64 text of them is in memory.
 *
 * @param room the fields of the file without its images
 * @param images the images in the file
 */
record RoomFileJson(ObjectNode room, List<FileImage> images) {

  RoomFileJson {
    images = List.copyOf(images);
  }

  /**
   * An image in the file.
   *
   * @param data the bytes; empty if the export left them out
   */
  record FileImage(String id, Optional<Bytes> data) {
    int length() {
      return data.map(Bytes::length).orElse(0);
    }
  }

  /** The size of all images in the file, as base64. */
  long encodedBytes() {
    return images.stream().mapToLong(image -> (image.length() + 2L) / 3 * 4).sum();
  }

  /**
   * Reads a file.
   *
   * @throws ProblemException 400 if it is no JSON object in UTF-8; 422 if an image is malformed
   */
  static RoomFileJson read(Bytes body) {
    var reader =
        new InputStreamReader(
            new ByteArrayInputStream(body.toArray()), StandardCharsets.UTF_8.newDecoder());
    try (var parser = Json.parser(reader)) {
      return read(parser);
    } catch (CharacterCodingException | CharConversionException e) {
      throw ProblemDetail.of(400, "not-utf8", "the body is not UTF-8").thrown();
    } catch (JacksonException e) {
      throw notJson(e);
    } catch (IOException e) {
      throw new UncheckedIOException("the bytes are in memory", e);
    }
  }

  private static ProblemException notJson(JacksonException e) {
    var location = e.getLocation();
    return ProblemDetail.of(
            400,
            "not-json",
            "the body is not valid JSON"
                + (location == null
                    ? ""
                    : ": line " + location.getLineNr() + ", column " + location.getColumnNr()))
        .thrown();
  }

  private static RoomFileJson read(JsonParser parser) throws IOException {
    var room = Json.object();
    var images = new ArrayList<FileImage>();
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      throw ProblemDetail.of(400, "not-an-object", "the body must be a room exported as JSON")
          .thrown();
    }
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var token = parser.nextToken();
      if (!name.equals(ExportedImages.IMAGES)) {
        room.set(name, Json.value(parser));
      } else if (token == JsonToken.START_ARRAY) {
        readImages(parser, images);
      } else if (token != JsonToken.VALUE_NULL) {
        throw invalid("", "must be a list of images");
      }
    }
    if (parser.nextToken() != null) {
      throw notJson(new com.fasterxml.jackson.core.JsonParseException(parser, "more follows"));
    }
    return new RoomFileJson(room, images);
  }

  private static void readImages(JsonParser parser, List<FileImage> images) throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      var place = "/" + images.size();
      if (images.size() == FixedServiceLimits.FILE_IMAGES_MAX) {
        throw invalid("", "may have at most " + FixedServiceLimits.FILE_IMAGES_MAX + " images");
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw invalid(place, "must be an object with id and data");
      }
      images.add(readImage(parser, place));
    }
  }

  private static FileImage readImage(JsonParser parser, String place) throws IOException {
    @Nullable String id = null;
    var data = Optional.<Bytes>empty();
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      var token = parser.nextToken();
      switch (name) {
        case ExportedImages.ID -> {
          if (token != JsonToken.VALUE_STRING) {
            throw invalid(place + "/id", "must be a text");
          }
          id = parser.getText();
        }
        case ExportedImages.DATA -> data = data(parser, token, place + "/data");
        default -> parser.skipChildren();
      }
    }
    if (id == null) {
      throw invalid(place + "/id", "is missing");
    }
    return new FileImage(id, data);
  }

  private static Optional<Bytes> data(JsonParser parser, JsonToken token, String place)
      throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return Optional.empty();
    }
    if (token != JsonToken.VALUE_STRING) {
      throw invalid(place, "must be the image's bytes as base64");
    }
    try {
      return Optional.of(Bytes.wrap(parser.getBinaryValue()));
    } catch (JacksonException e) {
      throw invalid(place, "must be the image's bytes as base64");
    }
  }

  /**
   * A problem of the images.
   *
   * @param place the place in the list, or an empty text for the whole list
   */
  static ProblemException invalid(String place, String fault) {
    var field = ExportedImages.IMAGES + place;
    return ProblemDetail.field(422, field, field + " " + fault).thrown();
  }
}
