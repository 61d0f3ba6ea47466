/** Launch options: Debian's Chromium or the browser in PARLOR_CHROMIUM, without background requests. */
export const BROWSER = {
  executablePath: process.env.PARLOR_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Test servers with TLS have a certificate of a test authority, which Chromium does not know.
    "--ignore-certificate-errors",
  ],
};
