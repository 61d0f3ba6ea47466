package dev.parlor.model;

import java.util.ArrayList;
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

    /**
     * The message for people: each image as its id, type and size, without its bytes.
     *
     * @param imageIds the ids of the images, in order
     */
    public Map<String, Object> shown(List<String> imageIds) {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("role", role);
      shown.put("content", content);
      if (!images.isEmpty()) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
          all.add(images.get(i).shown(imageIds.get(i)));
        }
        shown.put("images", all);
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

    private Map<String, Object> shown(String id) {
      long bytes = base64.replace("=", "").length() * 3L / 4;
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("id", id);
      shown.put("mediaType", mediaType);
      shown.put("bytes", bytes);
      return shown;
    }

    @Override
    public String toString() {
      return "Image[" + mediaType + ", " + base64.length() + " characters]";
    }
  }
}
