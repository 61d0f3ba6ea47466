package dev.parlor.relay;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The class path of a relay without rooms. Maven runs this test in the relay's module, whose class
 * path is that of {@code ./parlor relay}.
 */
class RelayClassPathTest {

  private static final Set<String> PACKAGES =
      new TreeSet<>(
          Set.of(
              "dev.parlor.crdt.format",
              "dev.parlor.crdt.graph",
              "dev.parlor.crdt.identity",
              "dev.parlor.crdt.operations",
              "dev.parlor.crdt.replica",
              "dev.parlor.crdt.sync",
              "dev.parlor.crdt.wire",
              "dev.parlor.relay",
              "dev.parlor.relay.http",
              "dev.parlor.server",
              "dev.parlor.server.address",
              "dev.parlor.server.admission",
              "dev.parlor.server.config",
              "dev.parlor.server.health",
              "dev.parlor.server.nodes",
              "dev.parlor.server.quarantine",
              "dev.parlor.server.rate",
              "dev.parlor.server.relay",
              "dev.parlor.server.socket",
              "dev.parlor.server.storage"));

  private static JavaClasses classes() {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("dev.parlor");
  }

  @Test
  @DisplayName(
      "the class path of the relay has the packages of core and relay, and no class of the room")
  void noRoomOnTheClassPath() {
    var found =
        classes().stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(PACKAGES, found);
  }

  @Test
  @DisplayName(
      "the jars that ./parlor relay starts from have no class of the room or the model client")
  void noRoomInTheJars() throws IOException {
    var jar = Path.of(System.getProperty("dev.parlor.jar"));
    var ours = new TreeSet<String>();
    ours.addAll(packages(jar));
    try (var libraries = Files.list(jar.resolveSibling("lib"))) {
      for (var library : libraries.filter(file -> file.toString().endsWith(".jar")).toList()) {
        ours.addAll(packages(library));
      }
    }
    assertTrue(ours.contains("dev.parlor.relay"), ours.toString());
    assertEquals(PACKAGES, ours);
  }

  private static Set<String> packages(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith("dev/parlor/") && name.endsWith(".class"))
          .map(name -> name.substring(0, name.lastIndexOf('/')).replace('/', '.'))
          .collect(Collectors.toSet());
    }
  }

  @Test
  @DisplayName("of the relay's packages only socket and relay.http use Helidon")
  void helidon() {
    noClasses()
        .that(not(resideInAnyPackage("dev.parlor.server.socket..", "dev.parlor.relay.http")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(classes());
  }
}
