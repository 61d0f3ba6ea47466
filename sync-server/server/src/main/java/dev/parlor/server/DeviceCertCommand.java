package dev.parlor.server;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.parlor.apps.identity.DeviceAuthority;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command {@code device-cert}: creates the key pair of a device CA, and issues the certificates
 * of devices. Private keys go to new files that only their owner can read; nothing secret is
 * printed, and an existing file is never replaced. Runs on the main thread.
 */
final class DeviceCertCommand {
  static final String USAGE =
      """
      Usage: parlor device-cert --new-ca DIR
             parlor device-cert --ca FILE --identity ID --out FILE [--device NAME] [--days N]

        --new-ca DIR    create a CA: ca.private.json (keep it secret) and ca.public.json in DIR
        --ca FILE       the CA's private key, ca.private.json
        --identity ID   the user of the device, id_... or jwt:...
        --out FILE      new file for the device's private key and certificate
        --device NAME   name of the device in its certificate; default: device
        --days N        days of validity; default: 365

      """;

  static final String PRIVATE_KEY_FILE = "ca.private.json";
  static final String PUBLIC_KEY_FILE = "ca.public.json";

  private static final String NEW_CA = "new-ca";
  private static final String CA = "ca";
  private static final String IDENTITY = "identity";
  private static final String OUT = "out";
  private static final String DEVICE = "device";
  private static final String DAYS = "days";
  private static final Set<String> FLAGS = Set.of(NEW_CA, CA, IDENTITY, OUT, DEVICE, DAYS);
  private static final int DAYS_DEFAULT = 365;

  private final Path workingDirectory;
  private final SecureRandom random;
  private final InstantSource clock;
  private final PrintStream out;

  DeviceCertCommand(
      Path workingDirectory, SecureRandom random, InstantSource clock, PrintStream out) {
    this.workingDirectory = workingDirectory;
    this.random = random;
    this.clock = clock;
    this.out = out;
  }

  /** A mistake of the operator, as one sentence. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String sentence) {
      super(sentence);
    }
  }

  /**
   * Runs the command.
   *
   * @param flags the command line after {@code device-cert}
   * @throws Refused if the command line is wrong
   * @throws IOException with one sentence, if a file cannot be read or written
   */
  void run(List<String> flags) throws Refused, IOException {
    var values = parse(flags);
    if (values.containsKey(NEW_CA)) {
      if (values.size() > 1) {
        throw new Refused("--new-ca stands alone; issue a certificate with a second command");
      }
      createCa(workingDirectory.resolve(required(values, NEW_CA)));
      return;
    }
    var authority = DeviceAuthority.read(workingDirectory.resolve(required(values, CA)), random);
    var identity = required(values, IDENTITY);
    var file = workingDirectory.resolve(required(values, OUT));
    var device = Optional.ofNullable(values.get(DEVICE)).orElse(DEVICE);
    String certified;
    try {
      certified =
          authority.certify(identity, device, Duration.ofDays(days(values)), clock.instant());
    } catch (IllegalArgumentException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
    writeSecret(file, certified);
    out.println("The device's private key and its certificate for " + identity + " are in " + file);
    var marks = DeviceAuthority.marks(certified);
    out.println("serial number: " + marks.serialNumber());
    out.println("thumbprint: " + marks.thumbprint());
    out.println("A line with one of the two in the file of --device-revoked revokes the device");
    out.println("Use it with: VIBES_DEVICE_ID=\"$(cat " + file + ")\"");
  }

  private static Map<String, String> parse(List<String> flags) throws Refused {
    var values = new HashMap<String, String>();
    for (var i = 0; i < flags.size(); i += 2) {
      var name = flags.get(i).startsWith("--") ? flags.get(i).substring(2) : "";
      if (!FLAGS.contains(name)) {
        throw new Refused(flags.get(i) + " is no option of device-cert");
      }
      if (i + 1 == flags.size() || flags.get(i + 1).startsWith("--")) {
        throw new Refused("--" + name + " needs a value");
      }
      if (values.put(name, flags.get(i + 1)) != null) {
        throw new Refused("--" + name + " is given twice");
      }
    }
    return values;
  }

  private static String required(Map<String, String> values, String name) throws Refused {
    var value = values.get(name);
    if (value == null || value.isBlank()) {
      throw new Refused("--" + name + " is missing");
    }
    return value;
  }

  private static int days(Map<String, String> values) throws Refused {
    var text = values.get(DAYS);
    if (text == null) {
      return DAYS_DEFAULT;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      throw new Refused("--days must be a whole number");
    }
  }

  private void createCa(Path directory) throws IOException {
    var authority = DeviceAuthority.create(random);
    Files.createDirectories(directory);
    var publicKey = directory.resolve(PUBLIC_KEY_FILE);
    if (Files.exists(publicKey)) {
      throw exists(publicKey);
    }
    var privateKey = directory.resolve(PRIVATE_KEY_FILE);
    writeSecret(privateKey, authority.privateJwk());
    writeSecret(publicKey, authority.publicJwk());
    out.println("The CA's private key is in " + privateKey + "; keep it off the server");
    out.println("Start the server with: --device-ca " + publicKey);
  }

  /** Writes a new file that only its owner can read; it is never readable by others. */
  private static void writeSecret(Path file, String content) throws IOException {
    FileAttribute<?> ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (var channel = FileChannel.open(file, Set.of(CREATE_NEW, WRITE), ownerOnly)) {
      var bytes = ByteBuffer.wrap((content + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (FileAlreadyExistsException _) {
      throw exists(file);
    } catch (NoSuchFileException e) {
      throw new IOException("the folder of " + file + " does not exist", e);
    }
  }

  private static IOException exists(Path file) {
    return new IOException(file + " exists already; it was not changed");
  }
}
