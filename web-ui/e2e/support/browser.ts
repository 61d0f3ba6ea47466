/** Debian's Chromium, or the one that PARLOR_CHROMIUM names, kept from talking to anybody by itself. */
export const BROWSER = {
  executablePath: process.env.PARLOR_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
};
