package dev.parlor.relay;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Checks the class path of a relay without rooms. Maven runs this test in the relay's module, whose
 * class path {@code ./parlor relay} has too.
 */
class RelayClassPathTest {

  private static final Set<String> PACKAGES =
      new TreeSet<>(
          List.of(
              "dev.parlor.crdt.content",
              "dev.parlor.crdt.document",
              "dev.parlor.crdt.format",
              "dev.parlor.crdt.graph",
              "dev.parlor.crdt.identity",
              "dev.parlor.crdt.operations",
              "dev.parlor.crdt.replica",
              "dev.parlor.crdt.sync",
              "dev.parlor.crdt.wire",
              "dev.parlor.relay",
              "dev.parlor.relay.access",
              "dev.parlor.relay.address",
              "dev.parlor.relay.admission",
              "dev.parlor.relay.backup",
              "dev.parlor.relay.cluster",
              "dev.parlor.relay.config",
              "dev.parlor.relay.deletion",
              "dev.parlor.relay.document",
              "dev.parlor.relay.documents",
              "dev.parlor.relay.documents.http",
              "dev.parlor.relay.health",
              "dev.parlor.relay.http",
              "dev.parlor.relay.nodes",
              "dev.parlor.relay.policy",
              "dev.parlor.relay.quarantine",
              "dev.parlor.relay.rate",
              "dev.parlor.relay.socket",
              "dev.parlor.relay.socket.transport",
              "dev.parlor.relay.storage",
              "dev.parlor.relay.stream",
              "dev.parlor.relay.tls",
              "dev.parlor.relay.token",
              "dev.parlor.relay.webhook"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.parlor");

  @Test
  @DisplayName(
      "the class path of the relay has the packages of core and relay, and no class of the room")
  void noRoomOnTheClassPath() {
    var found =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(PACKAGES, found);
  }

  @Test
  @DisplayName(
      "the jars that ./parlor relay starts from have no class of the room or the model client")
  void noRoomInTheJars() throws IOException {
    var jar = Path.of(System.getProperty("dev.parlor.jar"));
    var parlorPackages = new TreeSet<String>();
    parlorPackages.addAll(packages(jar));
    try (var libraries = Files.list(jar.resolveSibling("lib"))) {
      for (var library : libraries.filter(file -> file.toString().endsWith(".jar")).toList()) {
        parlorPackages.addAll(packages(library));
      }
    }
    assertTrue(parlorPackages.contains("dev.parlor.relay"), parlorPackages.toString());
    assertEquals(PACKAGES, parlorPackages);
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
  @DisplayName("no class of the relay uses the Automerge bindings or the replica that calls them")
  void bindings() {
    noClasses()
        .that(resideInAPackage("dev.parlor.relay.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.parlor.crdt.replica..", "org.automerge..")
        .check(CLASSES);
  }

  @Test
  @DisplayName("no package of the relay depends on itself through other packages")
  void cycles() {
    slices().matching("dev.parlor.relay.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  @DisplayName("only the packages relay.socket, relay.http and relay.documents.http use Helidon")
  void helidon() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    "dev.parlor.relay.socket..",
                    "dev.parlor.relay.http",
                    "dev.parlor.relay.documents.http")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(CLASSES);
  }
}
