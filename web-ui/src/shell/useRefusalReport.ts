import { useEffect, useState } from "react";
import { buildRefusalReport, type ChangeRefusal, type RefusedReport, useRoom } from "../room";

/** The report of this page's refused changes, computed once for each refusal; null until it is computed. */
export function useRefusalReport(refusal: ChangeRefusal): RefusedReport | null {
  const room = useRoom();
  const [report, setReport] = useState<RefusedReport | null>(null);
  useEffect(() => {
    let cancelled = false;
    void buildRefusalReport(room, refusal).then((found) => {
      if (!cancelled) setReport(found);
    });
    return () => {
      cancelled = true;
    };
  }, [room, refusal]);
  return report;
}
