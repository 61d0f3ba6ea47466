package dev.parlor.bench.apps;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The contents that the clients send. */
final class Sources {

  /** Lines of each source. */
  static final int LINES = 200;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] START = {
    "import { useEffect, useMemo, useState } from \"react\";",
    "",
    "const colors = [\"teal\", \"amber\", \"violet\"];",
    "",
    "export default function App() {",
    "  const [count, setCount] = useState(0);",
    "  const total = useMemo(() => colors.length + count, [count]);",
    "  useEffect(() => { document.title = `Counted ${total}`; }, [total]);",
    "  return (",
    "    <main className=\"p-4\" onClick={() => setCount((before) => before + 1)}>",
  };
  private static final String[] END = {"    </main>", "  );", "}"};

  private Sources() {}

  /**
   * A React component of {@link #LINES} lines.
   *
   * @param number makes this source differ from every other
   */
  static String component(long number) {
    var text = new StringBuilder();
    for (var line : START) {
      text.append(line).append('\n');
    }
    for (var line = START.length; line < LINES - END.length; line++) {
      text.append("      <p key=\"")
          .append(line)
          .append("\" style={{ color: colors[")
          .append(line % 3)
          .append("] }}>Row ")
          .append(line)
          .append(" of version ")
          .append(number)
          .append(": {total * ")
          .append(line)
          .append("}</p>\n");
    }
    for (var line : END) {
      text.append(line).append('\n');
    }
    return text.toString();
  }

  /** The fields of a deploy of one source. */
  static String deploy(String mode, String userSlug, String appSlug, long number) {
    return ",\"mode\":\""
        + mode
        + "\",\"ownerHandle\":\""
        + userSlug
        + "\",\"appSlug\":\""
        + appSlug
        + "\",\"fileSystem\":["
        + file(number)
        + "]";
  }

  private static ObjectNode file(long number) {
    return JSON.createObjectNode()
        .put("type", "code-block")
        .put("lang", "jsx")
        .put("filename", "/App.jsx")
        .put("content", component(number));
  }

  /** The fields of an append: a section with the four blocks of a short paragraph. */
  static String section(String contextId) {
    var append = JSON.createObjectNode().put("contextId", contextId).put("origin", "llm");
    var blocks = append.putArray("blocks");
    blocks.add(block("block.toplevel.begin", 0));
    for (var line = 1; line <= 2; line++) {
      blocks.add(
          block("block.toplevel.line", line)
              .put("lineNr", line)
              .put("line", "Here is a counter; press the button, and everybody sees the number."));
    }
    blocks.add(block("block.toplevel.end", 3));
    var json = append.toString();
    return "," + json.substring(1, json.length() - 1);
  }

  private static ObjectNode block(String type, int seq) {
    return JSON.createObjectNode()
        .put("type", type)
        .put("blockId", "b1f0c2d4-5e6f")
        .put("streamId", "s7a8b9c0-d1e2")
        .put("seq", seq)
        .put("blockNr", 0)
        .put("timestamp", "2026-11-28T10:20:30.405Z");
  }
}
