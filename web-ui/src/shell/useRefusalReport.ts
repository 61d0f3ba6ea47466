import { useEffect, useState } from "react";
import { type ChangesRefused, type RefusedReport, refusalReport, useRoom } from "../room";

/** The report of this page's refused changes, computed once after the refusal; null until then. */
export function useRefusalReport(refusal: ChangesRefused): RefusedReport | null {
  const room = useRoom();
  const [report, setReport] = useState<RefusedReport | null>(null);
  useEffect(() => {
    let left = false;
    void refusalReport(room, refusal).then((found) => {
      if (!left) setReport(found);
    });
    return () => {
      left = true;
    };
  }, [room, refusal]);
  return report;
}
