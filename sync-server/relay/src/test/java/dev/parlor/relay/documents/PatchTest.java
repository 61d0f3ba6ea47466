package dev.parlor.relay.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.DocumentApiLimits;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merge patches and JSON patches, with the examples of their RFCs. */
class PatchTest {
  private static final DocumentJson JSON = new DocumentJson(DocumentApiLimits.defaults());

  private static com.fasterxml.jackson.databind.JsonNode json(String text) {
    return JSON.read(Bytes.utf8(text));
  }

  private static String merge(String content, String patch) {
    return new Patch.Merge(json(patch)).apply(json(content)).toString();
  }

  private static String patch(String content, String patch) {
    return JsonPatch.read(json(patch), 100).apply(json(content)).toString();
  }

  private static String fault(String content, String patch) {
    var fault = assertThrows(DocumentFault.class, () -> patch(content, patch));
    return fault.kind().status() + " " + fault.field();
  }

  @ParameterizedTest(name = "{0} with {1} is {2}")
  @DisplayName("a merge patch has the result of the table in RFC 7396")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"a\":\"b\"};{\"a\":\"c\"};{\"a\":\"c\"}",
        "{\"a\":\"b\"};{\"b\":\"c\"};{\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"};{\"a\":null};{}",
        "{\"a\":\"b\",\"b\":\"c\"};{\"a\":null};{\"b\":\"c\"}",
        "{\"a\":[\"b\"]};{\"a\":\"c\"};{\"a\":\"c\"}",
        "{\"a\":\"c\"};{\"a\":[\"b\"]};{\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}};{\"a\":{\"b\":\"d\",\"c\":null}};{\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]};{\"a\":[1]};{\"a\":[1]}",
        "[\"a\",\"b\"];[\"c\",\"d\"];[\"c\",\"d\"]",
        "{\"a\":\"b\"};[\"c\"];[\"c\"]",
        "{\"a\":\"foo\"};null;null",
        "{\"a\":\"foo\"};\"bar\";\"bar\"",
        "{\"e\":null};{\"a\":1};{\"e\":null,\"a\":1}",
        "[1,2];{\"a\":\"b\",\"c\":null};{\"a\":\"b\"}",
        "{};{\"a\":{\"bb\":{\"ccc\":null}}};{\"a\":{\"bb\":{}}}"
      })
  void mergePatches(String content, String patch, String result) {
    assertEquals(result, merge(content, patch));
  }

  @Test
  @DisplayName("a JSON patch adds, removes, replaces, moves, copies and tests as RFC 6902 says")
  void jsonPatches() {
    assertEquals(
        "{\"foo\":[\"bar\",\"qux\",\"baz\"]}",
        patch(
            "{\"foo\":[\"bar\",\"baz\"]}",
            "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]"));
    assertEquals(
        "{\"foo\":[\"bar\",[\"abc\"]]}",
        patch("{\"foo\":[\"bar\"]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\"]}]"));
    assertEquals(
        "{\"foo\":[\"bar\"]}",
        patch("{\"foo\":[\"bar\",\"qux\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]"));
    assertEquals(
        "{\"a\":2}", patch("{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":2}]"));
    assertEquals(
        "{\"foo\":[1,3,2]}",
        patch("{\"foo\":[1,2,3]}", "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/2\"}]"));
    assertEquals(
        "{\"a\":{\"x\":1},\"b\":{\"x\":2}}",
        patch(
            "{\"a\":{\"x\":1}}",
            "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"},"
                + "{\"op\":\"replace\",\"path\":\"/b/x\",\"value\":2}]"));
    assertEquals(
        "{\"/\":9,\"~1\":10}",
        patch(
            "{\"/\":9,\"~1\":10}",
            "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10.0},"
                + "{\"op\":\"test\",\"path\":\"/~1\",\"value\":9}]"));
  }

  @Test
  @DisplayName("a faulty JSON patch is refused with the place of its operation and of the field")
  void faultyPatches() {
    assertEquals("400 ", fault("{}", "{}"));
    assertEquals("400 /0/op", fault("{}", "[{\"op\":\"put\",\"path\":\"/a\"}]"));
    assertEquals("400 /0/path", fault("{}", "[{\"op\":\"remove\",\"path\":\"a\"}]"));
    assertEquals("400 /0/path", fault("{}", "[{\"op\":\"remove\",\"path\":\"/a~2\"}]"));
    assertEquals("400 /0/value", fault("{}", "[{\"op\":\"add\",\"path\":\"/a\"}]"));
    assertEquals("400 /0/from", fault("{}", "[{\"op\":\"copy\",\"path\":\"/a\"}]"));
    assertEquals(
        "409 /1",
        fault(
            "{}",
            "[{\"op\":\"add\",\"path\":\"/a\",\"value\":1},"
                + "{\"op\":\"test\",\"path\":\"/a\",\"value\":\"1\"}]"));
    assertEquals("409 /0/path", fault("{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]"));
    assertEquals(
        "409 /0/path", fault("{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/2\",\"value\":1}]"));
    assertEquals(
        "409 /0/path", fault("{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/01\",\"value\":1}]"));
    assertEquals(
        "409 /0/path", fault("{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1}]"));
    assertEquals(
        "422 /0/path",
        fault("{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]"));
    assertEquals("422 /0/path", fault("{}", "[{\"op\":\"remove\",\"path\":\"\"}]"));
  }

  @Test
  @DisplayName(
      "a JSON patch that doubles a value again and again is refused before it fills memory")
  void doublingPatch() {
    var patch = new StringBuilder("[{\"op\":\"add\",\"path\":\"/a\",\"value\":[1]}");
    for (var i = 0; i < 60; i++) {
      patch.append(",{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/-\"}");
    }
    var text = patch.append("]").toString();
    var fault = assertThrows(DocumentFault.class, () -> patch("{}", text));
    assertEquals(422, fault.kind().status());
  }

  @Test
  @DisplayName("JSON that is malformed, too deep or has a key twice is refused with the place")
  void malformedJson() {
    for (var text : new String[] {"", "{", "{\"a\":1} x", "{\"a\":1,\"a\":2}", "[".repeat(100)}) {
      var fault = assertThrows(DocumentFault.class, () -> json(text));
      assertEquals("not-json", fault.code(), text);
    }
  }
}
