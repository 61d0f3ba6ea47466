import { useEffect, useState } from "react";
import { serverConfig, useSettings } from "../../room";

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
