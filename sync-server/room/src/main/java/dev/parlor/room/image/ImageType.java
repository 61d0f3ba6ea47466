package dev.parlor.room.image;

/** The types of images that a room takes. SVG and HTML are none of them: they can run scripts. */
public enum ImageType {
  PNG("image/png", "png"),
  JPEG("image/jpeg", "jpg"),
  GIF("image/gif", "gif"),
  WEBP("image/webp", "webp");

  private final String mediaType;
  private final String extension;

  ImageType(String mediaType, String extension) {
    this.mediaType = mediaType;
    this.extension = extension;
  }

  public String mediaType() {
    return mediaType;
  }

  /** The extension of a file's name, without the dot. */
  public String extension() {
    return extension;
  }
}
