package dev.parlor.apps.site;

/** Texts inside HTML. */
final class HtmlText {
  private HtmlText() {}

  /** A text between tags, or in an attribute with double quotes. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /**
   * JSON as the text of a script element. The characters that could end the element or start a
   * comment occur only inside of strings, so an escape keeps the value.
   */
  static String json(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }
}
