package dev.parlor.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The arrows of {@code docs/architecture.md}. A new package must add its arrows here. */
class ArchitectureTest {

  private static final String CRDT = "dev.parlor.crdt.";
  private static final String RELAY = "dev.parlor.relay.";
  private static final String ROOM = "dev.parlor.room.";
  private static final String MODEL = "dev.parlor.model";
  private static final String REPLICA = CRDT + "replica..";
  private static final String MAIN = "dev.parlor.server";
  private static final String WIRING = "dev.parlor.relay";

  /** Every package. A rule about a package without classes would always pass. */
  private static final Set<String> PACKAGES =
      new TreeSet<>(
          Stream.of(
                  under(
                      CRDT, "format", "graph", "identity", "operations", "replica", "sync", "wire"),
                  under(
                      RELAY,
                      "address",
                      "admission",
                      "config",
                      "document",
                      "health",
                      "http",
                      "nodes",
                      "quarantine",
                      "rate",
                      "snapshot",
                      "socket",
                      "socket.transport",
                      "storage",
                      "tls"),
                  under(
                      ROOM,
                      "access",
                      "archive",
                      "generation",
                      "http",
                      "limits",
                      "schema",
                      "worker"),
                  Stream.of(MODEL, WIRING, MAIN, MAIN + ".config"))
              .flatMap(names -> names)
              .toList());

  private static Stream<String> under(String root, String... names) {
    return Stream.of(names).map(root::concat);
  }

  private static JavaClasses parlor = new ClassFileImporter().importPackages();

  @BeforeAll
  static void readClasses() {
    parlor =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(
                "dev.parlor.crdt",
                "dev.parlor.relay",
                "dev.parlor.room",
                "dev.parlor.server",
                "dev.parlor.model");
  }

  @Test
  void everyPackageIsNamedHereAndHasClasses() {
    var found = new TreeSet<String>();
    parlor.forEach(one -> found.add(one.getPackageName()));
    assertEquals(PACKAGES, found);
  }

  @Test
  void everyPackageIsNullMarked() {
    for (var name : PACKAGES) {
      assertTrue(
          parlor.getPackage(name).isAnnotatedWith(NullMarked.class),
          name + " has no @NullMarked package-info");
    }
  }

  @Test
  @DisplayName("only the replica package uses the Automerge bindings")
  void bindings() {
    noClasses()
        .that(not(resideInAPackage(REPLICA)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.automerge..")
        .check(parlor);
    classes()
        .that()
        .haveFullyQualifiedName(CRDT + "replica.Replica")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.automerge..")
        .check(parlor);
  }

  @Test
  @DisplayName("packages on the path of a change do not use the replica package")
  void hotPath() {
    for (var name :
        List.of(
            RELAY + "socket",
            RELAY + "document",
            RELAY + "admission",
            RELAY + "storage",
            ROOM + "access",
            CRDT + "wire",
            CRDT + "sync",
            CRDT + "graph",
            CRDT + "format")) {
      forbid(name, REPLICA);
    }
  }

  @Test
  @DisplayName("the relay's packages use neither the room nor the model")
  void relayWithoutRooms() {
    noClasses()
        .that(resideInAnyPackage(WIRING, RELAY + "."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOM + ".", MAIN + "..", MODEL + "..")
        .check(parlor);
  }

  @Test
  @DisplayName("only the relay's transport and the HTTP interfaces use Helidon")
  void helidon() {
    noClasses()
        .that(not(resideInAnyPackage(RELAY + "socket..", RELAY + "http", ROOM + "http")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(parlor);
  }

  @Test
  @DisplayName("only storage uses MapDB")
  void mapdb() {
    noClasses()
        .that(not(resideInAPackage(RELAY + "storage..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.mapdb..")
        .check(parlor);
  }

  @Test
  @DisplayName("only access uses JSON Web Tokens")
  void jwt() {
    noClasses()
        .that(not(resideInAPackage(ROOM + "access..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.nimbusds..")
        .check(parlor);
  }

  @Test
  @DisplayName("only generation calls the model, and only the composition root chooses it")
  void model() {
    noClasses()
        .that(not(resideInAnyPackage(ROOM + "generation..", MODEL + "..", MAIN)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(MODEL + "..")
        .check(parlor);
    noClasses()
        .that(not(resideInAPackage(MODEL + "..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("okhttp3..")
        .check(parlor);
  }

  @Test
  @DisplayName("dependencies of the server's packages point one way")
  void server() {
    forbid(RELAY + "document", RELAY + "socket..", RELAY + "http..", WIRING);
    forbid(RELAY + "admission", RELAY + "document..", RELAY + "socket..", RELAY + "storage..");
    onlyOurs(RELAY + "address");
    onlyOurs(RELAY + "storage", RELAY + "config", RELAY + "health", CRDT + "identity");
    onlyOurs(RELAY + "quarantine", RELAY + "storage", CRDT + "identity");
    onlyOurs(RELAY + "nodes", CRDT + "identity");
    onlyOurs(RELAY + "rate");
    onlyOurs(RELAY + "health", RELAY + "config");
    onlyOurs(RELAY + "config", RELAY + "address", RELAY + "tls");
    onlyOurs(RELAY + "tls");
    forbid(ROOM + "worker", RELAY + "socket..", ROOM + "http..", ROOM + "generation..");
    forbid(ROOM + "generation", RELAY + "socket..", ROOM + "http..", ROOM + "access..");
    onlyOurs(ROOM + "archive", RELAY + "storage", ROOM + "limits", CRDT + "identity");
    onlyOurs(ROOM + "schema", CRDT + "replica", CRDT + "identity");
    onlyOurs(ROOM + "limits", RELAY + "config");
  }

  @Test
  @DisplayName("dependencies of the core's packages point one way and never out of the core")
  void core() {
    onlyOurs(CRDT + "identity");
    onlyOurs(CRDT + "format", CRDT + "identity");
    onlyOurs(CRDT + "graph", CRDT + "format", CRDT + "identity");
    onlyOurs(CRDT + "operations", CRDT + "graph", CRDT + "format", CRDT + "identity");
    onlyOurs(CRDT + "sync", CRDT + "graph", CRDT + "format", CRDT + "identity");
    onlyOurs(CRDT + "wire", CRDT + "identity");
    onlyOurs(CRDT + "replica", CRDT + "format", CRDT + "identity");
    onlyOurs(MODEL);
  }

  @Test
  @DisplayName("the core uses no sockets, threads, clocks or files")
  void pureCore() {
    noClasses()
        .that(resideInAPackage(CRDT + "."))
        // It salts its hash table against chosen hashes; no result depends on the salt.
        .and()
        .doNotHaveFullyQualifiedName(CRDT + "graph.HashIndex")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..", "java.nio.file..", "java.nio.channels..", "java.util.concurrent..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(parlor);
  }

  @Test
  @DisplayName("no package depends on itself through other packages")
  void cycles() {
    slices().matching(RELAY + "(*)..").should().beFreeOfCycles().check(parlor);
    slices().matching(ROOM + "(*)..").should().beFreeOfCycles().check(parlor);
    slices().matching(CRDT + "(*)..").should().beFreeOfCycles().check(parlor);
  }

  private static void forbid(String from, String... to) {
    noClasses()
        .that(resideInAPackage(from + ".."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(parlor);
  }

  /** Of Parlor's packages, {@code from} may use only itself and these. */
  private static void onlyOurs(String from, String... allowed) {
    var all = new java.util.ArrayList<>(List.of(allowed));
    all.add(from);
    noClasses()
        .that(resideInAPackage(from))
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.parlor..")
                .and(not(resideInAnyPackage(all.toArray(String[]::new)))))
        .check(parlor);
  }
}
