package dev.parlor.terminal;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The command {@code parlor join LINK [--name NAME]}. At the end of a piped input it waits for the
 * answers to its own commands and questions, then it leaves.
 */
public final class Main {
  private static final String TOKEN = "PARLOR_TOKEN";
  private static final String USAGE = "usage: parlor join LINK [--name NAME]";

  private Main() {}

  public static void main(String[] arguments) throws Exception {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.exit(run(List.of(arguments), System.getenv(), in, out));
  }

  /** Returns the exit status of the process. */
  static int run(
      List<String> arguments, Map<String, String> environment, BufferedReader in, PrintStream out)
      throws IOException, InterruptedException {
    var named = arguments.size() == 3 && arguments.get(1).equals("--name");
    if (!named && arguments.size() != 1) {
      out.println(USAGE);
      return 2;
    }
    var name = named ? arguments.get(2) : "";
    var http = HttpClient.newHttpClient();
    var json = new ObjectMapper();
    try {
      var address = RoomAddress.parse(arguments.get(0));
      var access = new RoomAccess(http, json, address);
      var kept = environment.getOrDefault(TOKEN, "");
      var token = kept.isEmpty() ? access.newToken(name.isEmpty() ? "Terminal" : name) : kept;
      access.join(token, name);
      var client = new TerminalClient(http, json, address, token, new Screen(out));
      client.connect();
      var input = new TerminalInput(client);
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        if (!input.line(line) || client.isClosed()) {
          client.close();
          return 0;
        }
      }
      client.awaitQuiet();
      client.close();
      return 0;
    } catch (TerminalException problem) {
      out.println("! " + problem.getMessage());
      return 1;
    } finally {
      http.shutdownNow();
    }
  }
}
