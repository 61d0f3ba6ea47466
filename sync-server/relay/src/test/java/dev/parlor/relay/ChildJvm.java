package dev.parlor.relay;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts processes that run the code of the module under test. The class path is the shipped jar,
 * which Maven builds before the tests, followed by the test classes. Without the property {@code
 * dev.parlor.jar}, as in an editor, it is the class path of the tests.
 */
public final class ChildJvm {

  private static final int ARCHIVE_SECONDS = 120;

  private static final List<String> NATIVE_OPTIONS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  /**
   * Options for processes that run for seconds. For them the second compiler and a parallel
   * collector cost more time than they save.
   */
  private static final List<String> SHORT_LIVED_OPTIONS =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final Optional<Path> JAR =
      Optional.ofNullable(System.getProperty("dev.parlor.jar")).map(Path::of);

  private ChildJvm() {}

  /** The command line before the main class, for a process that runs for seconds. */
  public static List<String> shortLivedCommand(String... options) {
    var allOptions = new ArrayList<>(SHORT_LIVED_OPTIONS);
    // Otherwise Java's warnings about the archive would appear where tests read the server's
    // output.
    Archive.FILE.ifPresent(
        file ->
            allOptions.addAll(List.of("-XX:AOTCache=" + file, "-Xlog:aot*=off", "-Xlog:cds*=off")));
    allOptions.addAll(List.of(options));
    return command(allOptions, classPath());
  }

  /**
   * Like {@link #shortLivedCommand}, with Java's default options, for a process that is measured or
   * has limits.
   */
  public static List<String> longLivedCommand(String... options) {
    return command(List.of(options), classPath());
  }

  private static List<String> command(List<String> options, String classPath) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(NATIVE_OPTIONS);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath));
    return command;
  }

  private static String classPath() {
    var fullPath = System.getProperty("java.class.path");
    return JAR.map(jar -> shipped(jar) + ":" + testClasses(fullPath)).orElse(fullPath);
  }

  /** The test classes of this module and of the modules whose test fixtures it uses. */
  private static String testClasses(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator))
        .filter(entry -> entry.contains("test-classes") || entry.endsWith("-tests.jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String shipped(Path jar) {
    return jar + ":" + jar.resolveSibling("lib") + "/*";
  }

  /**
   * A class archive (AOT cache) of a started server, for all processes of this run. It shortens a
   * start to a third of its time. Java uses the archive if the class path begins with the class
   * path that the archive was made with.
   */
  private static final class Archive {

    static final Optional<Path> FILE = JAR.map(Archive::create);

    private static Path create(Path jar) {
      try {
        var file = jar.resolveSibling("tests.aot");
        Files.deleteIfExists(file);
        var data = Files.createTempDirectory(jar.getParent(), "archive-");
        var options = new ArrayList<>(SHORT_LIVED_OPTIONS);
        options.addAll(List.of("-XX:AOTCacheOutput=" + file, "-Xlog:disable"));
        var command = command(options, shipped(jar));
        command.add(System.getProperty("dev.parlor.main"));
        command.addAll(List.of("serve", "--port", "0", "--log", "error"));
        command.addAll(List.of("--data", data.toString()));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
        var server = builder.start();
        try (var output = server.inputReader(StandardCharsets.UTF_8)) {
          if (output.readLine() == null) {
            throw new IOException("the server did not start");
          }
          server.toHandle().destroy(); // Process.destroy would close the pipes as well
          while (output.readLine() != null) {
            // Waits until Java has written the file.
          }
          if (!server.waitFor(ARCHIVE_SECONDS, TimeUnit.SECONDS) || !Files.exists(file)) {
            throw new IOException("Java wrote no " + file);
          }
        } finally {
          server.destroyForcibly();
        }
        return file;
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the archive was made", e);
      }
    }
  }
}
