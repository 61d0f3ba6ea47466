package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.crdt.identity.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shell scripts replace esbuild and fail in every way. */
class EsbuildFailureTest {
  private static final Bytes SOURCE = Bytes.utf8("source");

  /** Fails for the source BAD alone; the rest of the script is what the failure is. */
  private static final String IF_BAD = "text=$(cat); if [ \"$text\" = BAD ]; then %s; fi; echo ok";

  @TempDir Path folder;

  @Test
  @DisplayName("A binary that hangs for every source is killed and gives unavailable")
  void hangingBinaryIsUnavailable() throws Exception {
    var times = new Esbuild.Times(Duration.ofMillis(100), Duration.ofMillis(100));
    var esbuild =
        new Esbuild(
            EsbuildBinary.script(folder, "echo $$ >>" + folder + "/pids; exec sleep 1000"), times);

    var refusal = refusal(esbuild, SOURCE);

    assertEquals(ErrorCode.UNAVAILABLE, refusal.code());
    assertTrue(esbuild.missing().orElseThrow().contains("longer than"));
    if (Files.exists(folder.resolve("pids"))) {
      for (var pid : Files.readAllLines(folder.resolve("pids"))) {
        var process = ProcessHandle.of(Long.parseLong(pid));
        if (process.isPresent()) {
          process.get().onExit().get(60, TimeUnit.SECONDS);
        }
      }
    }
  }

  @Test
  @DisplayName("A source for which the binary hangs is refused, and other sources are transformed")
  void hangingSourceIsRefused() throws Exception {
    var times = new Esbuild.Times(Duration.ofSeconds(2), Duration.ofSeconds(60));
    var esbuild =
        new Esbuild(EsbuildBinary.script(folder, IF_BAD.formatted("exec sleep 1000")), times);

    var refusal = refusal(esbuild, Bytes.utf8("BAD"));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertEquals(Map.of("file", "/App.jsx"), refusal.details());
    assertTrue(esbuild.missing().isEmpty());
  }

  @Test
  @DisplayName("A process that is killed, as by the system's memory guard, refuses the source")
  void killedProcessRefusesTheSource() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.script(folder, IF_BAD.formatted("kill -9 $$")));

    var refusal = refusal(esbuild, Bytes.utf8("BAD"));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertTrue(refusal.text().contains("status 137"), refusal.text());
    assertEquals("ok\n", get(esbuild, SOURCE));
  }

  @Test
  @DisplayName("A binary that ends with status 137 for every source gives unavailable")
  void failingBinaryIsUnavailable() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.script(folder, "exit 137"));

    assertEquals(ErrorCode.UNAVAILABLE, refusal(esbuild, SOURCE).code());
    assertTrue(esbuild.missing().orElseThrow().contains("status 137"));

    EsbuildBinary.script(folder, "cat");
    assertEquals("source", get(esbuild, SOURCE));
    assertTrue(esbuild.missing().isEmpty(), "a binary that runs again is reported so");
  }

  @Test
  @DisplayName("A process without end of output is stopped at 4 MiB and refuses the source")
  void endlessOutputRefusesTheSource() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.script(folder, IF_BAD.formatted("exec cat /dev/zero")));

    var refusal = refusal(esbuild, Bytes.utf8("BAD"));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertTrue(refusal.text().contains("4194304 bytes"), refusal.text());
  }

  @Test
  @DisplayName("Megabytes of error output are dropped, and paths in it do not reach the client")
  void errorOutputIsBoundedAndKept() throws Exception {
    var esbuild =
        new Esbuild(
            EsbuildBinary.script(
                folder,
                IF_BAD.formatted(
                    "printf '%s\\n' 'X [ERROR] cannot read' '    /root/secret/tsconfig.json:1:1:'"
                        + " >&2; head -c 3000000 /dev/zero >&2; exit 1")));

    var refusal = refusal(esbuild, Bytes.utf8("BAD"));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertFalse(refusal.text().contains("secret"), refusal.text());
    assertFalse(refusal.text().contains(folder.toString()), refusal.text());
  }

  @Test
  @DisplayName("A long message with control characters is cut and made readable")
  void longMessageIsCut() throws Exception {
    var esbuild =
        new Esbuild(
            EsbuildBinary.script(
                folder,
                IF_BAD.formatted(
                    "printf 'X [ERROR] a\\033b%0900d\\n\\n    <stdin>:1:2:\\n' 7 >&2; exit 1")));

    var refusal = refusal(esbuild, Bytes.utf8("BAD"));

    assertEquals(Map.of("file", "/App.jsx", "line", 1, "column", 3), refusal.details());
    assertTrue(refusal.text().startsWith("/App.jsx:1:3: a b000"), refusal.text());
    assertEquals("/App.jsx:1:3: ".length() + 300, refusal.text().length());
  }

  @Test
  @DisplayName("The environment of the process has the two settings of its memory, and no other")
  void environmentIsEmpty() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.script(folder, "tr '\\0' '\\n' </proc/$$/environ"));

    var names = new TreeSet<String>(Set.of(get(esbuild, SOURCE).strip().split("\n")));
    // Shells other than dash set these themselves.
    names.removeIf(one -> one.matches("(PWD=/|OLDPWD=.*|SHLVL=\\d|_=.*)"));

    assertEquals(Set.of("GOMAXPROCS=1", "GOMEMLIMIT=256MiB"), names);
  }

  @Test
  @DisplayName("The address space of the process is bounded to 2 GiB")
  void addressSpaceIsBounded() throws Exception {
    var esbuild = new Esbuild(EsbuildBinary.script(folder, "ulimit -v; pwd"));

    assertEquals("2097152\n/\n", get(esbuild, SOURCE));
  }

  @Test
  @DisplayName("Two sources are transformed at once, never three")
  void twoAtOnce() throws Exception {
    // Each run takes one of two places. The first two runs wait for each other.
    var esbuild =
        new Esbuild(
            EsbuildBinary.script(
                folder,
                """
                cat >/dev/null
                cd %s
                if mkdir a 2>/dev/null; then mine=a; elif mkdir b 2>/dev/null; then mine=b; else
                  echo third >third
                  exit 1
                fi
                until [ -e met ]; do if [ -d a ] && [ -d b ]; then echo >met; fi; done
                rmdir $mine
                echo ok
                """
                    .formatted(folder)),
            new Esbuild.Times(Duration.ofSeconds(60), Duration.ofSeconds(60)));

    var sources = new ArrayList<CompletableFuture<SourceTransformer.Module>>();
    for (var number = 0; number < 20; number++) {
      sources.add(esbuild.toJavaScript("/App.jsx", Bytes.utf8("source " + number)));
    }
    for (var source : sources) {
      assertEquals("ok\n", source.get(120, TimeUnit.SECONDS).javaScript().toUtf8());
    }
    assertFalse(Files.exists(folder.resolve("third")));
  }

  @Test
  @DisplayName("A source that was transformed or refused is answered from memory")
  void resultsAreCached() throws Exception {
    var esbuild =
        new Esbuild(
            EsbuildBinary.script(
                folder,
                "echo >>%s/runs; ".formatted(folder)
                    + IF_BAD.formatted("printf 'X [ERROR] no\\n    <stdin>:1:2:\\n' >&2; exit 1")));

    get(esbuild, SOURCE);
    get(esbuild, SOURCE);
    refusal(esbuild, Bytes.utf8("BAD"));
    var named =
        assertThrows(
            ExecutionException.class,
            () -> esbuild.toJavaScript("/b.jsx", Bytes.utf8("BAD")).get(60, TimeUnit.SECONDS));

    assertTrue(String.valueOf(named.getMessage()).contains(" /b.jsx:1:3: no"));
    assertEquals(2, Files.readAllLines(folder.resolve("runs")).size());
    esbuild.toJavaScript("/App.tsx", SOURCE).get(60, TimeUnit.SECONDS);
    assertEquals(
        3, Files.readAllLines(folder.resolve("runs")).size(), "another syntax, another result");
  }

  private static String get(Esbuild esbuild, Bytes source) throws Exception {
    return esbuild.toJavaScript("/App.jsx", source).get(60, TimeUnit.SECONDS).javaScript().toUtf8();
  }

  private static AppsException refusal(Esbuild esbuild, Bytes source) {
    var error = assertThrows(ExecutionException.class, () -> get(esbuild, source));
    return assertInstanceOf(AppsException.class, error.getCause());
  }
}
