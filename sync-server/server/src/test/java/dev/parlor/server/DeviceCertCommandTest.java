package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.identity.DeviceCa;
import dev.parlor.apps.identity.DeviceIds;
import dev.parlor.apps.identity.RevokedDevices;
import dev.parlor.apps.identity.TestDevice;
import dev.parlor.apps.identity.TrustedAuthorities;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code device-cert}. */
class DeviceCertCommandTest {
  private static final String IDENTITY = "id_5Kd3NBUAdUnhyzenEwVLy3";

  @TempDir private Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private int run(String... flags) throws InterruptedException {
    var args = new ArrayList<String>(List.of("device-cert"));
    args.addAll(List.of(flags));
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return Main.run(args, Map.of(), out, out);
  }

  private String output() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  @DisplayName(
      "a certificate of a new CA proves its identity; files have mode 600, no key is printed")
  void issues() throws Exception {
    assertEquals(0, run("--new-ca", path("ca")), output());
    var status =
        run("--ca", path("ca/ca.private.json"), "--identity", IDENTITY, "--out", path("d.json"));
    assertEquals(0, status, output());
    var json = new ObjectMapper();
    for (var name : List.of("ca/ca.private.json", "ca/ca.public.json", "d.json")) {
      var file = folder.resolve(name);
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), name);
    }
    var secrets =
        List.of(
            json.readTree(Files.readString(folder.resolve("ca/ca.private.json"))).path("d"),
            json.readTree(Files.readString(folder.resolve("d.json")))
                .path("item")
                .path("deviceId")
                .path("d"));
    for (var secret : secrets) {
      assertTrue(secret.asText().length() > 40, "a private key");
      assertFalse(output().contains(secret.asText()));
    }
    var now = Instant.now();
    var token = TestDevice.of(Files.readString(folder.resolve("d.json"))).token(now);
    var ca = TrustedAuthorities.of(DeviceCa.read(folder.resolve("ca/ca.public.json")));
    assertEquals(IDENTITY, new DeviceIds(ca, RevokedDevices.none(), () -> now).userOf(token));
    // The operator revokes a device by what the command prints.
    for (var name : List.of("serial number: ", "thumbprint: ")) {
      var start = output().indexOf(name) + name.length();
      var entry = output().substring(start, output().indexOf('\n', start)).strip();
      var list = Files.writeString(folder.resolve("revoked.txt"), entry + " # lost\n");
      var ids = new DeviceIds(ca, RevokedDevices.of(list), () -> now);
      assertThrows(AppsException.class, () -> ids.userOf(token), name);
    }
  }

  @Test
  @DisplayName("an existing file is not replaced")
  void keepsFiles() throws Exception {
    assertEquals(0, run("--new-ca", path("ca")));
    var key = Files.readString(folder.resolve("ca/ca.private.json"));
    assertEquals(1, run("--new-ca", path("ca")));
    assertTrue(output().contains("exists already; it was not changed"), output());
    assertEquals(key, Files.readString(folder.resolve("ca/ca.private.json")));
    Files.writeString(folder.resolve("d.json"), "mine");
    var status =
        run("--ca", path("ca/ca.private.json"), "--identity", IDENTITY, "--out", path("d.json"));
    assertEquals(1, status);
    assertEquals("mine", Files.readString(folder.resolve("d.json")));
  }

  @Test
  @DisplayName("a wrong command line is refused in one sentence with exit status 2")
  void refusals() throws Exception {
    assertEquals(0, run("--new-ca", path("ca")));
    var ca = path("ca/ca.private.json");
    var out = path("d.json");
    var wrong =
        Map.of(
            "--identity is missing", List.of("--ca", ca, "--out", out),
            "--ca is missing", List.of("--identity", IDENTITY, "--out", out),
            "an identity is id_...", List.of("--ca", ca, "--identity", "someone", "--out", out),
            "valid for 1 to 3650 days",
                List.of("--ca", ca, "--identity", IDENTITY, "--out", out, "--days", "0"),
            "--days must be a whole number",
                List.of("--ca", ca, "--identity", IDENTITY, "--out", out, "--days", "x"),
            "--nonsense is no option", List.of("--nonsense", "1"),
            "--ca needs a value", List.of("--ca"),
            "--new-ca stands alone", List.of("--new-ca", path("b"), "--ca", ca));
    for (var mistake : wrong.entrySet()) {
      printed.reset();
      assertEquals(2, run(mistake.getValue().toArray(String[]::new)), output());
      assertTrue(output().contains(mistake.getKey()), output());
      assertFalse(Files.exists(folder.resolve("d.json")));
    }
    assertEquals(
        1, run("--ca", path("none.json"), "--identity", IDENTITY, "--out", path("d.json")));
    assertTrue(output().contains("there is no file " + path("none.json")), output());
  }
}
