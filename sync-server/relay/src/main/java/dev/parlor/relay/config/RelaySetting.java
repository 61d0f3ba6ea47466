package dev.parlor.relay.config;

/** The settings of a relay. */
public enum RelaySetting implements Setting {
  HOST("127.0.0.1", "Address to listen on; 0.0.0.0 for all interfaces."),
  PORT("8787", "Port to listen on; 0 picks a free one."),
  DATA("./data", "Data directory."),
  SHARDS("", "Shards of a new data directory, 1 to 64; default: those that exist, 1 if new."),
  WITHOUT_SHARDS("", "Numbers of shards to leave out, separated by commas; default: none."),
  CLUSTER(
      "", "URLs of the NATS servers that have the data of several nodes; default: one machine."),
  CLUSTER_CREDS("", "File with credentials for those servers."),
  CLUSTER_PREFIX("", "First word of the streams and subjects there; default: the usual names."),
  CLUSTER_MONITOR("", "URLs of the monitoring ports of all those servers, for --saved disk."),
  SAVED(
      "disk",
      "When a cluster tells that a change is saved: disk (on the disks of a majority) or quorum."),
  IDLE_SECONDS("300", "Seconds after which an unused document leaves memory."),
  ROOM_PEERS("1000", "Maximum number of connections to one document."),
  ORIGINS("", "Other origins whose pages may connect, separated by commas; * for any."),
  PUBLIC_URL("", "Public URL of this server, for links; default: taken from the request."),
  BASE_PATH(
      "", "Path below which a proxy serves this server; default: the path of the public URL."),
  TRUSTED_PROXIES(
      "", "Addresses and CIDR blocks of trusted proxies, separated by commas; default: none."),
  FORWARDED_HEADER(
      "x-forwarded-for",
      "Header in which those proxies name the client: x-forwarded-for or forwarded."),
  PROXY_PROTOCOL("off", "on: each connection begins with a PROXY protocol header, version 1 or 2."),
  SOCKETS("auto", "WebSockets served by: helidon, loop (plain TCP only) or auto."),
  TLS_CERT("", "PEM file with the server's certificate, then its issuers'; enables https and wss."),
  TLS_KEY("", "PEM file with that certificate's private key, without a passphrase."),
  SYNC_ACCESS(
      "",
      "Clients that may sync documents that are not rooms: open (all), token or closed (none);"
          + " default: open on loopback only."),
  SYNC_KEY("", "PEM file with the public key of the tokens' issuer, for --sync-access token."),
  SYNC_JWKS_URL("", "URL of that issuer's JWK set, instead of a PEM file."),
  SYNC_ISSUER("", "Required iss of a token for documents; default: any."),
  SYNC_AUDIENCE("", "Required aud of a token for documents; default: any."),
  SYNC_AUTHORIZER("", "URL of a backend that decides about documents which a token does not name."),
  SYNC_BACKEND_TOKEN(
      "", "Token with which that backend may end its answers, 16 characters or more.", true),
  DOCUMENT_POLICY("", "JSON file with rules: who may write where in documents that are not rooms."),
  DELETED_DAYS("30", "Days for which the data of a deleted document is kept."),
  WEBHOOK_URL("", "URL that is told about changes and deletions of documents that are not rooms."),
  WEBHOOK_SECRET("", "Key of the signatures of webhooks: whsec_ and Base64.", true),
  WEBHOOK_SECRET_FILE("", "File with that key, instead of the key."),
  OPEN_SYNC("", "Older name of --sync-access."),
  LOG("info", "Log level: error, warn, info or debug."),
  LOG_FORMAT("logfmt", "Log format: logfmt or json.");

  private final String fallback;
  private final String help;
  private final boolean secret;

  RelaySetting(String fallback, String help) {
    this(fallback, help, false);
  }

  RelaySetting(String fallback, String help, boolean secret) {
    this.fallback = fallback;
    this.help = help;
    this.secret = secret;
  }

  @Override
  public boolean secret() {
    return secret;
  }

  @Override
  public String fallback() {
    return fallback;
  }

  @Override
  public String help() {
    return help;
  }
}
