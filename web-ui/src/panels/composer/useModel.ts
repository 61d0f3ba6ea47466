import { useEffect, useState } from "react";
import { type ServerConfig, serverApi, useSettings } from "../../room";

let config: Promise<ServerConfig> | null = null;

/** The server's settings. A failed request is repeated at the next use. */
function serverConfig(): Promise<ServerConfig> {
  config ??= serverApi.config().catch((problem: unknown) => {
    config = null;
    throw problem;
  });
  return config;
}

/** The name of the model that answers the next question; empty until it is known. */
export function useModel(): string {
  const { model } = useSettings();
  const [standard, setStandard] = useState("");
  useEffect(() => {
    let isCurrent = true;
    serverConfig().then(
      (loaded) => isCurrent && setStandard(loaded.model.name),
      () => {}, // Offline: the name stays hidden.
    );
    return () => {
      isCurrent = false;
    };
  }, []);
  return model || standard;
}
