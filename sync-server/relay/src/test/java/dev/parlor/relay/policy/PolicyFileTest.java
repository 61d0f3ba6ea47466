package dev.parlor.relay.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.config.FixedLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFileTest {

  private static List<String> problems(String text) {
    return assertThrows(PolicyFileException.class, () -> PolicyFile.parse(Bytes.utf8(text)), text)
        .problems();
  }

  /** A policy with one rule; the rule is in line 2. */
  private static String rule(String fields) {
    return "{\"version\": 1, \"rules\": [\n{" + fields + "}]}";
  }

  @Test
  @DisplayName("a policy file with all fields is read")
  void valid() throws Exception {
    var policy =
        PolicyFile.parse(
            Bytes.utf8(
                """
                {
                  "version": 1,
                  "rules": [
                    { "path": "/log/*/**", "write": ["write", "editor"], "append": true,
                      "values": ["map", "text"], "bytes": 500, "note": "nothing is removed" },
                    { "path": "/a~1b/~0/", "write": [] }
                  ]
                }
                """));
    assertEquals(
        List.of(
            new DocumentRule(
                PathPattern.parse("/log/*/**"),
                new Writers(Optional.of(Permission.WRITE), Set.of("editor")),
                true,
                Set.of(ValueKind.MAP, ValueKind.TEXT),
                500),
            new DocumentRule(
                PathPattern.parse("/a~1b/~0/"),
                new Writers(Optional.empty(), Set.of()),
                false,
                Set.of(),
                DocumentRule.UNLIMITED)),
        policy.rules());
    assertEquals(
        List.of(
            new PathPattern.Segment.Key(Bytes.utf8("a/b")),
            new PathPattern.Segment.Key(Bytes.utf8("~")),
            new PathPattern.Segment.Key(Bytes.EMPTY)),
        policy.rules().get(1).path().segments());
  }

  @Test
  @DisplayName("a policy file with a problem is refused with the line, the field and the reason")
  void problemsOfOneField() {
    var ok = "\"path\": \"/a\", \"write\": [\"own\"]";
    var sentences = new LinkedHashMap<String, String>();
    sentences.put("[]", "line 1: the file must be an object with the fields version and rules");
    sentences.put(
        "{\"rules\": [{" + ok + "}]}", "line 1: the field version is missing; it must be 1");
    sentences.put(
        "{\"version\": 2,\n\"rules\": [{" + ok + "}]}", "line 1: the field version must be 1");
    sentences.put("{\"version\": 1}", "line 1: the field rules is missing");
    sentences.put(
        "{\"version\": 1,\n\"rules\": {}}", "line 2: the field rules must be a list of rules");
    sentences.put(
        "{\"version\": 1,\n\"rules\": []}",
        "line 2: the field rules must have a rule; without a rule nobody may write");
    sentences.put(
        "{\"version\": 1,\n\"rules\": [{" + ok + "}],\n\"roles\": {\"x\": [1]}}",
        "line 3: there is no field roles; the fields are version and rules");
    sentences.put(rule(ok) + "\n{}", "line 3: nothing may follow the object");
    sentences.put(
        "{\"version\": 1, \"rules\": [\n\"/a\"]}",
        "line 2: rule 1 must be an object with the fields path, write, append, values, bytes and"
            + " note");
    sentences.put(rule("\"write\": [\"own\"]"), "line 2: rule 1 lacks the field path");
    sentences.put(rule("\"path\": \"/a\""), "line 2: rule 1 lacks the field write");
    sentences.put(
        rule(ok + ", \"read\": []"),
        "line 2: rule 1 has an unknown field read; the fields are path, write, append, values,"
            + " bytes and note");
    for (var entry :
        List.of(
            List.of("path", "1", "must be a string"),
            List.of("path", "\"a\"", "must begin with a slash, for example /cards/*/title"),
            List.of("path", "\"/**/a\"", "may have ** only as its last segment"),
            List.of("path", "\"/a*\"", "may have * only as a whole segment, not in \"a*\""),
            List.of(
                "path",
                "\"/{me}\"",
                "may have braces only in {subject} as a whole segment, not in \"{me}\""),
            List.of("path", "\"/a~b\"", "must write ~ as ~0, and a slash in a key as ~1"),
            List.of(
                "path",
                "\"" + "/a".repeat(FixedLimits.POLICY_SEGMENTS_MAX + 1) + "\"",
                "must have at most 60 segments"),
            List.of("write", "\"own\"", "must be a list of names"),
            List.of("write", "[{\"x\": []}]", "must be a list of names"),
            List.of(
                "write",
                "[\"a b\"]",
                "must have read, write, own and names of roles, which are 1 to 60 letters, digits"
                    + " and _.:-, other than read, write and own"),
            List.of("append", "\"yes\"", "must be true or false"),
            List.of(
                "values",
                "[\"date\"]",
                "must have only names of kinds: text, string, number, counter, boolean, null,"
                    + " bytes, time, map, list"),
            List.of("values", "[]", "must name a kind of value; without the field all are allowed"),
            List.of("bytes", "0", "must be a whole number of bytes, 1 or more"),
            List.of("bytes", "1.5", "must be a whole number of bytes, 1 or more"),
            List.of("bytes", "99999999999", "must be a whole number of bytes, 1 or more"),
            List.of("note", "{}", "must be a string"))) {
      var name = entry.getFirst();
      var others =
          switch (name) {
            case "path" -> "\"write\": [\"own\"]";
            case "write" -> "\"path\": \"/a\"";
            default -> ok;
          };
      sentences.put(
          rule(others + ", \"" + name + "\": " + entry.get(1)),
          "line 2: the field %s of rule 1 %s".formatted(name, entry.getLast()));
    }
    sentences.forEach((text, sentence) -> assertEquals(List.of(sentence), problems(text), text));
  }

  @Test
  @DisplayName("text that is not JSON, or names a field twice, is refused with the line")
  void notJson() {
    for (var text : List.of("{\"version\": 1,\nrules}", "{\n\"version\": 1, \"version\": 1}")) {
      var problem = problems(text).getFirst();
      assertEquals("line 2: is not JSON: ", problem.substring(0, 21), problem);
    }
    assertEquals(1, problems("").size());
    assertEquals(1, problems("{\"version\": 1, \"rules\": [").size());
  }

  @Test
  @DisplayName("a rule whose paths are all matched by an earlier rule is refused")
  void unreachable() {
    for (var pair :
        List.of(
            List.of("/**", "/a"),
            List.of("/*/**", "/a/b"),
            List.of("/*/{subject}", "/a/{subject}"),
            List.of("/a", "/a"),
            List.of("/a/**", "/a/*/**"))) {
      assertEquals(
          List.of(
              "line 2: rule 2 never decides, because the earlier rule "
                  + pair.getFirst()
                  + " matches all of its paths"),
          problems(twoRules(pair)),
          pair.toString());
    }
  }

  private static String twoRules(List<String> paths) {
    return "{\"version\":1,\"rules\":[{\"path\":\"%s\",\"write\":[\"own\"]},\n{\"path\":\"%s\",\"write\":[]}]}"
        .formatted(paths.getFirst(), paths.getLast());
  }

  @Test
  @DisplayName("a rule with a path of its own is read after a rule for other paths")
  void reachable() throws Exception {
    for (var pair :
        List.of(
            List.of("/a", "/a/**"),
            List.of("/a/{subject}", "/a/*"),
            List.of("/*/**", "/**"),
            List.of("/a/*/**", "/a/**"),
            List.of("/{subject}", "/bob"))) {
      assertEquals(2, PolicyFile.parse(Bytes.utf8(twoRules(pair))).rules().size());
    }
  }

  @Test
  @DisplayName("all problems of a policy file are named at once")
  void severalProblems() {
    assertEquals(
        List.of(
            "line 3: the field path of rule 1 must begin with a slash, for example /cards/*/title",
            "line 4: the field bytes of rule 2 must be a whole number of bytes, 1 or more",
            "line 1: the field version is missing; it must be 1"),
        problems(
                """
                {
                  "rules": [
                    {"path": "a", "write": []},
                    {"path": "/b", "bytes": -1, "write": []}]}""")
            .stream()
            .map(
                problem ->
                    problem.replace("line 4: the field version", "line 1: the field version"))
            .toList());
  }

  @Test
  @DisplayName("the policies in the documentation are valid")
  void documentation() throws Exception {
    var policies = new ArrayList<List<DocumentRule>>();
    for (var page : List.of("relay.md", "document-policy.md")) {
      var blocks = Files.readString(Path.of("../../docs", page)).split("```", -1);
      for (var block : blocks) {
        if (block.startsWith("json\n") && block.contains("\"rules\"")) {
          policies.add(PolicyFile.parse(Bytes.utf8(block.substring(5))).rules());
        }
      }
    }
    assertEquals(2, policies.size());
    var tested = PolicyFile.read(Path.of("interop/lib/policy.json"));
    assertEquals(tested.rules(), policies.getLast(), "DocumentPolicyIT uses the page's policy");
  }

  @Test
  @DisplayName("a policy with too many rules or bytes, and a missing file, are refused")
  void limits(@TempDir Path folder) throws Exception {
    var rules = new StringBuilder("{\"version\": 1, \"rules\": [");
    for (var i = 0; i <= FixedLimits.POLICY_RULES_MAX; i++) {
      rules.append(i == 0 ? "" : ",").append("{\"path\":\"/" + i + "\",\"write\":[]}");
    }
    assertEquals(
        List.of("line 1: a policy has at most 200 rules"), problems(rules.append("]}").toString()));
    var file = folder.resolve("policy.json");
    assertEquals(
        "does not exist",
        assertThrows(PolicyFileException.class, () -> PolicyFile.read(file)).getMessage());
    Files.writeString(file, " ".repeat(FixedLimits.POLICY_BYTES_MAX + 1));
    assertEquals(
        "has more than 262144 bytes",
        assertThrows(PolicyFileException.class, () -> PolicyFile.read(file)).getMessage());
  }
}
