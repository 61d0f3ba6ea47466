package dev.parlor.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresFileTest {

  private static final String HELP = "  --json=  a file\n  --before=  a file\n  --rate=10  edits\n";
  private static final Scenario SCENARIO = new Scenario(200, 100, 1, 10, 15, 0, 0, 0, 25);

  private static Options options(String... arguments) {
    return Options.parse(HELP, List.of(arguments));
  }

  private static void write(Path file, double... p95) {
    var report =
        new Report(
            new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
            FiguresFile.of("peers", options("--json=" + file)));
    var runs =
        java.util.Arrays.stream(p95)
            .mapToObj(millis -> new Figures(Map.of(Figure.P95, millis, Figure.P50, 51.0)))
            .toList();
    report.row("Parlor", SCENARIO, runs);
    report.sample(
        "| row |",
        "cores used",
        Map.of(ServerUnderTest.PARLOR, List.of(Map.of("cores used", 0.25))));
  }

  @Test
  void theFileHasEveryRunAndTheOptions(@TempDir Path folder) throws Exception {
    var file = folder.resolve("figures.json");
    write(file, 53.5, 52.5);
    var json = new ObjectMapper().readTree(file.toFile());
    assertEquals("peers", json.path("scenario").asText());
    assertEquals("10", json.path("options").path("rate").asText());
    assertTrue(json.path("machine").path("cores").asInt() > 0);
    var row = json.path("edits").path(0);
    assertEquals(100, row.path("readers").asInt());
    assertEquals(25, row.path("delay_ms").asInt());
    assertEquals(53.5, row.path("runs").path(0).path("p95_ms").asDouble());
    assertEquals(52.5, row.path("runs").path(1).path("p95_ms").asDouble());
    assertEquals(0.25, json.path("samples").path(0).path("runs").path(0).asDouble());
  }

  @Test
  void filesAreComparedByTheirMedians(@TempDir Path folder) throws Exception {
    var before = folder.resolve("before.json");
    var after = folder.resolve("after.json");
    write(before, 60, 50, 50);
    write(after, 100);
    var out = new ByteArrayOutputStream();
    Comparison.of(options("--before=" + before, "--json=" + after))
        .print(new PrintStream(out, true, StandardCharsets.UTF_8));
    var lines = out.toString(StandardCharsets.UTF_8).lines().skip(2).toList();
    assertEquals(
        List.of(
            "| Parlor, 200 changes, 1 × 100 readers, 10/s, 25 ms each way: p50, ms | 51.0 | 51.0 | 1.00 |",
            "| Parlor, 200 changes, 1 × 100 readers, 10/s, 25 ms each way: p95, ms | 50.0 | 100 | 2.00 |",
            "| Parlor, cores used | 0.25 | 0.25 | 1.00 |"),
        lines);
    assertThrows(
        Options.InvalidOptionException.class, () -> Comparison.of(options("--json=" + after)));
  }
}
