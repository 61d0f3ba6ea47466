package dev.parlor.nats.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real nginx that spreads connections over all nodes in turn, so that the clients of a document
 * are on different nodes. A node that refuses a connection gets none for a second.
 */
public final class BalancingProxy implements AutoCloseable {

  private final Process process;
  private final int port;

  private BalancingProxy(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts nginx, and waits until it accepts connections.
   *
   * @param nodes the addresses of the nodes, each a host and a port
   */
  public static BalancingProxy start(Path folder, List<String> nodes) throws IOException {
    Files.createDirectories(folder);
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    var config = folder.resolve("nginx.conf");
    Files.writeString(config, config(folder, port, nodes));
    var process =
        new ProcessBuilder(program(), "-p", folder.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .start();
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var output = new StringBuilder();
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains("start worker process ")) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return new BalancingProxy(process, port);
      }
      output.append(line).append('\n');
    }
    throw new IOException("nginx did not start:\n" + output);
  }

  private static String config(Path folder, int port, List<String> nodes) {
    var servers =
        nodes.stream()
            .map(node -> "server " + node + " max_fails=1 fail_timeout=1s;")
            .collect(Collectors.joining(" "));
    return (System.getProperty("user.name").equals("root") ? "user root;\n" : "")
        + """
        daemon off;
        worker_processes 1;
        pid %1$s/nginx.pid;
        error_log stderr notice;
        events { worker_connections 8192; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          upstream parlor { %2$s }
          map $http_upgrade $parlor_connection { default upgrade; "" ""; }
          server {
            listen 127.0.0.1:%3$d;
            client_max_body_size 32m;
            location / {
              proxy_pass http://parlor;
              proxy_http_version 1.1;
              proxy_connect_timeout 1s;
              proxy_set_header Host $http_host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection $parlor_connection;
              proxy_buffering off;
              proxy_request_buffering off;
              proxy_read_timeout 60s;
            }
          }
        }
        """
            .formatted(folder, servers, port);
  }

  private static String program() throws IOException {
    return Stream.of(
            System.getenv().getOrDefault("PARLOR_NGINX", ""), "/usr/sbin/nginx", "/usr/bin/nginx")
        .filter(path -> !path.isEmpty() && Files.isExecutable(Path.of(path)))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "nginx is missing: install it (Debian: apt-get install nginx-light) or point"
                        + " PARLOR_NGINX at it"));
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.toHandle().destroy(); // Process.destroy would close the pipe as well
    try {
      if (process.waitFor(5, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
