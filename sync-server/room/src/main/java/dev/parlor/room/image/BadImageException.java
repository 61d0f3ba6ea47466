package dev.parlor.room.image;

/** The bytes are damaged or beyond a limit. It has no stack trace, since it is no defect. */
final class BadImageException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  private BadImageException(String code, String reason) {
    super(reason, null, false, false);
    this.code = code;
  }

  /**
   * @param place the damaged part, for example "a chunk"
   */
  static BadImageException damaged(String place) {
    return new BadImageException(
        "image-damaged", "the image is damaged: " + place + "; save it again and upload that file");
  }

  static BadImageException tooLarge(String reason) {
    return new BadImageException("image-too-many-pixels", reason);
  }

  String code() {
    return code;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
