package dev.parlor.client.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.peer.PeerCommand.Action;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arguments of {@code parlor peer}, and its JSON. */
class PeerCommandTest {

  private static final String URL = "ws://127.0.0.1:8787/sync";
  private static final DocumentId ID = DocumentId.of(Bytes.utf8("a document"));

  @Test
  @DisplayName("a command has the server, the document, the action and the time")
  void parses() throws Exception {
    assertEquals(
        new PeerCommand(URI.create(URL), ID, new Action.Show(Path.ROOT), Duration.ofSeconds(30)),
        PeerCommand.parse(List.of(URL, "show", ID.value())));
    assertEquals(
        new PeerCommand(
            URI.create(URL),
            ID,
            new Action.Set(Path.of("cards", "0", "title"), Value.text("Hello")),
            Duration.ofSeconds(5)),
        PeerCommand.parse(
            List.of(URL, "set", "--timeout", "5", ID.url(), "cards/0/title", "Hello")));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "12, Int[value=12]",
        "-0.5, Float[value=-0.5]",
        "1e3, Float[value=1000.0]",
        "99999999999999999999, Float[value=1.0E20]",
        "true, Bool[value=true]",
        "null, Null[]",
        "007, Text[value=007]",
        "\"12\", Text[value=12]",
        "a text, Text[value=a text]",
      })
  @DisplayName("a value is a number, a word of JSON, or a text")
  void values(String text, String value) throws Exception {
    var command = PeerCommand.parse(List.of(URL, "set", ID.value(), "n", text));
    assertEquals(value, ((Action.Set) command.action()).value().toString());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ws://h/sync show|give URL, an action and DOCUMENT",
        "http://h/sync show ID|URL must begin with ws:// or wss://",
        "ws://h/sync paint ID|there is no action \"paint\"",
        "ws://h/sync show nonsense|DOCUMENT \"nonsense\" is no document id",
        "ws://h/sync set ID n|set takes PATH and VALUE",
        "ws://h/sync show ID a/b c|show takes at most one PATH",
        "ws://h/sync export ID|export takes FILE",
        "ws://h/sync show ID a//b|PATH \"a//b\" has an empty step",
        "ws://h/sync show ID --timeout 0|--timeout \"0\" must be a whole number",
        "ws://h/sync show ID --timeout|--timeout needs a number",
      })
  @DisplayName("a wrong command line is refused with a sentence that names the argument")
  void refuses(String line, String sentence) {
    var arguments = new ArrayList<>(List.of(line.split(" ")));
    arguments.replaceAll(argument -> argument.equals("ID") ? ID.value() : argument);
    var refused = assertThrows(UsageException.class, () -> PeerCommand.parse(arguments));
    assertTrue(String.valueOf(refused.getMessage()).startsWith(sentence), refused::toString);
  }

  @Test
  @DisplayName("all kinds of values are printed as JSON")
  void json() {
    var value =
        Value.map(
            "list",
                Value.list(
                    List.of(Value.of(1), Value.text("a\"b\\\n\u0001"), Value.list(List.of()))),
            "map", Value.map("bytes", new Value.Blob(Bytes.ofHex("ff00"))),
            "none", Value.NULL,
            "number", Value.of(0.5),
            "when", new Value.Timestamp(7));
    assertEquals(
        """
        {
          "list": [
            1,
            "a\\"b\\\\\\n\\u0001",
            []
          ],
          "map": {
            "bytes": "/wA="
          },
          "none": null,
          "number": 0.5,
          "when": 7
        }""",
        JsonText.of(value));
  }
}
