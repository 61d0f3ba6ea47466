package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImportScanTest {

  @Test
  @DisplayName("Every form of a static import names its specifier and its names")
  void staticImports() {
    assertEquals(
        Map.of(
            "a", Set.of("default"),
            "b", Set.of("*"),
            "c", Set.of("default", "*"),
            "d", Set.of("default", "x", "y", "z-z"),
            "e", Set.of(),
            "f", Set.of("default"),
            "g", Set.of()),
        ImportScan.of(
            """
            import a from "a";
            import * as b from 'b';
            import c, * as cc from "c";
            import d, {
              x as
                xx,
              y,
              "z-z" as zz
            } from "d" with { type: "x" };
            import "e";
            import from from "f";
            import {} from `g`;
            """));
  }

  @Test
  @DisplayName("A module that is exported again counts as an import")
  void exportsFrom() {
    assertEquals(
        Map.of("a", Set.of("*"), "b", Set.of("*"), "c", Set.of("x", "default")),
        ImportScan.of(
            """
            export * from "a";
            export * as all from "b";
            export { x, default as y } from "c";
            export { local };
            export const from = "d";
            export default 1;
            """));
  }

  @Test
  @DisplayName("A dynamic import counts if its specifier is a literal")
  void dynamicImports() {
    assertEquals(
        Map.of("a", Set.of("*"), "b", Set.of("*"), "c", Set.of("*")),
        ImportScan.of(
            """
            const x = [import("a"), import(
              /* webpackChunkName: "z" */
              "b"
            ), import(`c`)];
            my.import("d"); reimport("e"); import(name); import(`f${x}`); import("./g");
            """));
  }

  @Test
  @DisplayName("The names that are read from a namespace are listed")
  void namespaceMembers() {
    assertEquals(
        Map.of("tone", Set.of("*", "Synth", "start")),
        ImportScan.of(
            """
            import * as Tone from "tone";
            new Tone.Synth(); other.Tone.no; Tone.start().then;
            """));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "./a",
        "../a",
        ".",
        "/a",
        "https://esm.sh/a",
        "data:text/javascript,1",
        "blob:x",
        "npm:x",
        "a\\u0062",
        ""
      })
  @DisplayName("Relative paths, URLs and specifiers with escapes are left out")
  void othersAreLeftOut(String specifier) {
    assertEquals(Map.of(), ImportScan.of("import a from \"" + specifier + "\";"));
  }

  @Test
  @DisplayName("A specifier above 200 characters is left out")
  void longSpecifierIsLeftOut() {
    assertEquals(
        Set.of("x".repeat(200)),
        ImportScan.of("import \"" + "x".repeat(200) + "\";\nimport \"" + "x".repeat(201) + "\";")
            .keySet());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import\n", "import {\n", "import {a,\n", "import a,\n", "import *\n", "export *\n",
        "export {\n", "import(/*\n", "import '\n", "import a\n", "export * as\n", "import{import,\n"
      })
  @DisplayName("A megabyte of unfinished imports is read in linear time")
  void unfinishedImportsAreReadOnce(String line) {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> ImportScan.of(line.repeat(1_000_000 / line.length())));
  }
}
