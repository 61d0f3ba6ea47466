package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transforms with the real binary. */
class EsbuildTest {
  private static final Path CASES = Path.of("sync-server/apps/src/test/resources/transform");

  private static final Esbuild.Times SHORT =
      new Esbuild.Times(Duration.ofSeconds(3), Duration.ofSeconds(60));

  static Stream<JsonNode> cases() throws IOException {
    var file = EsbuildBinary.root().resolve(CASES).resolve("cases.json");
    return StreamSupport.stream(
        new ObjectMapper().readTree(file.toFile()).get("cases").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("cases")
  @DisplayName("Each source of the fixture suite has the result that its case names")
  void fixtureHasItsResult(JsonNode one) throws Exception {
    var name = one.get("file").asText();
    var source = Bytes.wrap(Files.readAllBytes(EsbuildBinary.root().resolve(CASES).resolve(name)));
    var esbuild = new Esbuild(EsbuildBinary.real());

    if (one.get("ok").asBoolean()) {
      var module = get(esbuild, "/" + name, source);
      assertEquals(imports(one.get("imports")), module.imports());
    } else {
      var refusal = refusal(esbuild, "/" + name, source);
      assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
      assertEquals(
          Map.of(
              "file", "/" + name,
              "line", one.get("line").asInt(),
              "column", one.get("column").asInt()),
          refusal.details());
      assertTrue(
          refusal
              .text()
              .startsWith("/" + name + ":" + one.get("line") + ":" + one.get("column") + ": "),
          refusal.text());
    }
  }

  @Test
  @DisplayName("Every file of the fixture suite has a case")
  void everyFixtureIsNamed() throws Exception {
    try (var files = Files.list(EsbuildBinary.root().resolve(CASES))) {
      var names = new TreeSet<String>();
      files.forEach(file -> names.add(file.getFileName().toString()));
      names.remove("cases.json");
      var named = new TreeSet<String>();
      cases().forEach(one -> named.add(one.get("file").asText()));
      assertEquals(names, named);
    }
  }

  @Test
  @DisplayName("JSX becomes calls of the automatic runtime, and other characters stay as they are")
  void jsxBecomesCalls() throws Exception {
    var module =
        get(
            new Esbuild(EsbuildBinary.real()),
            "/App.jsx",
            Bytes.utf8("export default () => <p title=\"é\">😀</p>;"));

    var text = module.javaScript().toUtf8();
    assertTrue(text.contains("from \"react/jsx-runtime\""), text);
    assertTrue(text.contains("jsx(\"p\", { title: \"é\", children: \"😀\" })"), text);
    assertTrue(text.contains("as default"), text);
  }

  @Test
  @DisplayName("Decorators and using declarations become code that browsers have")
  void newSyntaxIsLowered() throws Exception {
    var module =
        get(
            new Esbuild(EsbuildBinary.real()),
            "/App.jsx",
            Bytes.utf8("class A { @dec x = 1 }\n{ using y = open(); }"));

    var text = module.javaScript().toUtf8();
    assertFalse(text.contains("@dec"), text);
    assertFalse(text.contains("using y"), text);
  }

  @Test
  @DisplayName("200,000 opening parentheses are refused, and the next source is transformed")
  void deepNestingIsRefused() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.real());

    var refusal = refusal(esbuild, "/App.jsx", Bytes.utf8("(".repeat(200_000)));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertEquals(Map.of("file", "/App.jsx"), refusal.details());
    assertFalse(refusal.text().contains("goroutine"), refusal.text());
    get(esbuild, "/App.jsx", Bytes.utf8("export default 1"));
    assertTrue(esbuild.missing().isEmpty());
  }

  @Test
  @DisplayName(
      "900 KB of repeated declarations, which take 20 s to compile, are refused after their time,"
          + " and the next source is transformed")
  void slowSourceIsRefused() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.real(), SHORT);

    var refusal = refusal(esbuild, "/App.js", Bytes.utf8("var a=1;".repeat(115_000)));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertTrue(refusal.text().contains("longer than 3000 ms"), refusal.text());
    get(esbuild, "/App.jsx", Bytes.utf8("export default 1"));
  }

  @Test
  @DisplayName("A large source that is being compiled leaves a process for small sources")
  void largeSourcesLeaveAProcess() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.real(), SHORT);
    var slow = esbuild.toJavaScript("/a.js", Bytes.utf8("var a=1;".repeat(115_000)));
    var slower = esbuild.toJavaScript("/b.js", Bytes.utf8("var b=1;".repeat(115_000)));

    get(esbuild, "/App.jsx", Bytes.utf8("export default 1"));

    assertFalse(slow.isDone() && slower.isDone());
    assertThrows(ExecutionException.class, () -> slow.get(60, TimeUnit.SECONDS));
    assertThrows(ExecutionException.class, () -> slower.get(60, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName("A binary that is not there gives unavailable, and the operator reads its path")
  void missingBinaryIsUnavailable() {
    var esbuild = new Esbuild(Path.of("/nowhere/esbuild"));

    var refusal = refusal(esbuild, "/App.jsx", Bytes.utf8("export default 1"));

    assertEquals(ErrorCode.UNAVAILABLE, refusal.code());
    assertFalse(refusal.text().contains("/nowhere"), refusal.text());
    assertTrue(esbuild.missing().orElseThrow().contains("/nowhere/esbuild"));
  }

  private static Map<String, Set<String>> imports(JsonNode expected) {
    var imports = new TreeMap<String, Set<String>>();
    expected
        .properties()
        .forEach(
            one -> {
              var names = new TreeSet<String>();
              one.getValue().forEach(name -> names.add(name.asText()));
              imports.put(one.getKey(), names);
            });
    return imports;
  }

  private static SourceTransformer.Module get(Esbuild esbuild, String name, Bytes source)
      throws Exception {
    return esbuild.toJavaScript(name, source).get(60, TimeUnit.SECONDS);
  }

  private static AppsException refusal(Esbuild esbuild, String name, Bytes source) {
    var error = assertThrows(ExecutionException.class, () -> get(esbuild, name, source));
    return assertInstanceOf(AppsException.class, error.getCause());
  }
}
