package dev.parlor.model;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A request to a model.
 *
 * @param model the name of the model, as rooms use it
 * @param messages the messages in the order of sending
 * @param tokensMax maximum length of the answer in tokens, if set
 */
public record ModelRequest(String model, List<Message> messages, OptionalInt tokensMax) {
  public ModelRequest {
    messages = List.copyOf(messages);
  }

  /** Whether a message has an image. */
  public boolean hasImages() {
    return messages.stream().anyMatch(message -> !message.images().isEmpty());
  }

  /**
   * One chat message; {@code role} is {@code system}, {@code user} or {@code assistant}.
   *
   * @param images the images that belong to the message
   */
  public record Message(String role, String content, List<Image> images) {
    public Message {
      images = List.copyOf(images);
    }

    public Message(String role, String content) {
      this(role, content, List.of());
    }

    /** The message for people: each image as its type and size, without its bytes. */
    public Map<String, Object> shown() {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("role", role);
      shown.put("content", content);
      if (!images.isEmpty()) {
        shown.put("images", images.stream().map(Image::shown).toList());
      }
      return shown;
    }
  }

  /**
   * An image.
   *
   * @param mediaType for example {@code image/png}
   * @param base64 the bytes, as the interfaces of models have them
   */
  public record Image(String mediaType, String base64) {
    public static Image of(String mediaType, byte[] bytes) {
      return new Image(mediaType, Base64.getEncoder().encodeToString(bytes));
    }

    private Map<String, Object> shown() {
      return Map.of("mediaType", mediaType, "bytes", base64.replace("=", "").length() * 3L / 4);
    }

    @Override
    public String toString() {
      return "Image[" + mediaType + ", " + base64.length() + " characters]";
    }
  }
}
